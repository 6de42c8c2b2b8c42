#include "prepare/wordpiece.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "support/golden.h"

namespace thorax::prepare {
namespace {

using Ids = std::vector<std::int64_t>;

const std::filesystem::path kFolder =
    std::filesystem::path(THORAX_SOURCE_DIR) / "tests/golden/bert_wordpiece";

TEST(GoldenWordPiece, TokensAndIds) {
  golden::Golden golden("bert_wordpiece", "");
  const WordPiece tokenizer = WordPiece::read(kFolder / "vocab.txt");
  double wrong = 0;
  for (const nlohmann::json& test : golden.facts().at("cases")) {
    const auto text = test.at("text").get<std::string>();
    EXPECT_EQ(tokenizer.tokenize(text), test.at("tokens").get<std::vector<std::string>>()) << text;
    EXPECT_EQ(tokenizer.encode(text), test.at("ids").get<Ids>()) << text;
    wrong += tokenizer.encode(text) != test.at("ids").get<Ids>();
  }
  golden.record("ids", wrong, 0);
}

TEST(GoldenWordPiece, PaddedAndCutBatch) {
  golden::Golden golden("bert_wordpiece", "");
  const WordPiece tokenizer = WordPiece::read(kFolder / "vocab.txt");
  const nlohmann::json& expected = golden.facts().at("batch");
  const auto longest = expected.at("max_length").get<std::size_t>();
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < 3; ++i) {
    texts.push_back(golden.facts().at("cases").at(i).at("text").get<std::string>());
  }
  const WordPiece::Batch batch = tokenizer.encode(texts, longest, /*trim=*/false);
  Ids ids, mask;
  for (const auto& row : expected.at("input_ids")) ids.insert(ids.end(), row.begin(), row.end());
  for (const auto& row : expected.at("attention_mask")) {
    mask.insert(mask.end(), row.begin(), row.end());
  }
  EXPECT_EQ(batch.ids, ids);
  EXPECT_EQ(batch.mask, mask);
  golden.record("batch", batch.ids == ids && batch.mask == mask ? 0 : 1, 0);
}

TEST(WordPiece, TrimsToTheLongestText) {
  const WordPiece tokenizer = WordPiece::read(kFolder / "vocab.txt");
  const WordPiece::Batch batch = tokenizer.encode({"lung", "lung nodule"}, 512, /*trim=*/true);
  EXPECT_EQ(batch.length, 4u);
  EXPECT_EQ(batch.ids, (Ids{2, 5, 3, 0, 2, 5, 6, 3}));
  EXPECT_EQ(batch.mask, (Ids{1, 1, 1, 0, 1, 1, 1, 1}));
}

TEST(WordPiece, RefusesAVocabularyWithoutItsSpecialTokens) {
  EXPECT_THROW(WordPiece({"[PAD]", "[UNK]", "[CLS]", "lung"}, "vocab.txt"), Error);
  EXPECT_THROW(WordPiece::read(kFolder / "absent.txt"), Error);
}

}  // namespace
}  // namespace thorax::prepare
