#include "prepare/byte_bpe.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "support/code_of.h"
#include "support/golden.h"
#include "support/temporary_folder.h"

namespace thorax::prepare {
namespace {

std::filesystem::path folder() {
  return golden::Golden("bart", "bpe").folder();
}
ByteBpe tokenizer() {
  return ByteBpe::read(folder() / "vocab.json", folder() / "merges.txt");
}

TEST(GoldenByteBpe, SplitsAndDecodesAsTheReference) {
  golden::Golden golden("bart", "bpe");
  const ByteBpe bpe = tokenizer();
  double different = 0;
  for (const auto& text : golden.facts().at("cases")) {
    const auto words = text.at("text").get<std::string>();
    const auto ids = bpe.encode(words);
    EXPECT_EQ(bpe.tokenize(words), text.at("tokens").get<std::vector<std::string>>()) << words;
    EXPECT_EQ(ids, text.at("ids").get<std::vector<std::int64_t>>()) << words;
    EXPECT_EQ(bpe.decode(ids), text.at("decoded").get<std::string>()) << words;
    different += ids != text.at("ids").get<std::vector<std::int64_t>>();
  }
  golden.record("texts that differ", different, 0);
}

TEST(GoldenByteBpe, PairsBatchesAndTruncation) {
  const golden::Golden golden("bart", "bpe");
  const ByteBpe bpe = tokenizer();
  using Ids = std::vector<std::int64_t>;
  EXPECT_EQ(bpe.encode_pair("first text", "second text"), golden.facts().at("pair").get<Ids>());
  EXPECT_EQ(bpe.encode("one two three four five six", 6),
            golden.facts().at("truncated_6").get<Ids>());
  const auto batch =
      bpe.encode(std::vector<std::string>{"short", "a rather longer second sentence"});
  const auto flat = [](const nlohmann::json& rows) {
    Ids all;
    for (const auto& row : rows) {
      const auto ids = row.get<Ids>();
      all.insert(all.end(), ids.begin(), ids.end());
    }
    return all;
  };
  EXPECT_EQ(batch.ids, flat(golden.facts().at("padded").at("ids")));
  EXPECT_EQ(batch.mask, flat(golden.facts().at("padded").at("mask")));
}

TEST(ByteBpe, BytesThatAreNoTextSurvive) {
  const ByteBpe bpe = tokenizer();
  EXPECT_EQ(bpe.decode(bpe.encode("a\xff")), "a\xEF\xBF\xBD");
}

TEST(ByteBpe, RefusesBrokenVocabularies) {
  const testing_support::TemporaryFolder temporary;
  const auto code = [](const std::filesystem::path& vocabulary,
                       const std::filesystem::path& merges) {
    return testing_support::code_of([&] { ByteBpe::read(vocabulary, merges); });
  };
  const auto vocabulary = folder() / "vocab.json", merges = folder() / "merges.txt";
  for (const char* text : {"", "[]", "{\"a\": \"b\"}", "{\"a\": 1, \"b\": 1}", "{\"<s>\": 0}",
                           "{\"<s>\": 0, \"</s>\": 2, \"<pad>\": 1, \"<unk>\": 3}"}) {
    EXPECT_EQ(code(temporary.write("vocab.json", text), merges), "bad_vocabulary"_code) << text;
  }
  EXPECT_EQ(code(temporary / "none.json", merges), "bad_vocabulary"_code);
  EXPECT_EQ(code(vocabulary, temporary / "none.txt"), "bad_vocabulary"_code);
  EXPECT_EQ(code(vocabulary, temporary.write("merges.txt", "abc\n")), "bad_vocabulary"_code);
}

}  // namespace
}  // namespace thorax::prepare
