#include "nets/generation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "base/error.h"
#include "nets/token_rules.h"

namespace thorax::nets {
namespace {

// A model over four tokens whose next token depends on the last one; 2 starts, 3 ends.
class Chain {
 public:
  explicit Chain(std::map<std::int64_t, std::vector<float>> probabilities)
      : probabilities_(std::move(probabilities)) {}
  std::span<const float> operator()(std::span<const std::int64_t> tokens,
                                    std::span<const std::int64_t>) {
    logits_.clear();
    for (const std::int64_t token : tokens) {
      for (const float p : probabilities_.at(token)) logits_.push_back(std::log(p));
    }
    return logits_;
  }

 private:
  std::map<std::int64_t, std::vector<float>> probabilities_;
  std::vector<float> logits_;
};

// The likeliest first token leads to unlikely texts.
Chain garden_path() {
  return Chain({{0, {0.25F, 0.25F, 0.25F, 0.25F}},
                {1, {0.01F, 0.01F, 0.01F, 0.97F}},
                {2, {0.6F, 0.39F, 0.005F, 0.005F}},
                {3, {0.25F, 0.25F, 0.25F, 0.25F}}});
}

GenerationOptions options(std::int64_t beams) {
  return {.beams = beams, .max_length = 6, .start = 2, .end = 3, .padding = 0};
}

TEST(Generation, BeamsFindTheLikelierText) {
  EXPECT_EQ(generate(options(1), 1, garden_path())[0][0].tokens[1], 0);
  const auto best = generate(options(2), 1, garden_path())[0][0];
  EXPECT_EQ(best.tokens, (std::vector<std::int64_t>{2, 1, 3}));
  EXPECT_NEAR(best.score, std::log(0.39 * 0.97) / 2, 1e-6);
}

TEST(Generation, SourceGetsTheSameWhateverElseIsInTheBatch) {
  const auto alone = generate(options(2), 1, garden_path());
  const auto together = generate(options(2), 3, garden_path());
  ASSERT_EQ(together.size(), 3u);
  for (const auto& source : together) {
    EXPECT_EQ(source[0].tokens, alone[0][0].tokens);
    EXPECT_EQ(source[0].score, alone[0][0].score);
  }
}

TEST(Generation, StopsAtTheLongestLength) {
  GenerationOptions forever = options(2);
  forever.min_length = 100;
  EXPECT_EQ(generate(forever, 1, garden_path())[0][0].tokens.size(), 6u);
}

TEST(Generation, NothingForNoSources) {
  EXPECT_TRUE(generate(options(2), 0, garden_path()).empty());
}

TEST(Generation, RefusesOptionsWithoutMeaning) {
  const auto refused = [](auto change) {
    GenerationOptions changed = options(2);
    change(changed);
    EXPECT_THROW(generate(changed, 1, garden_path()), Error);
  };
  refused([](auto& o) { o.beams = 0; });
  refused([](auto& o) { o.max_length = 1; });
  refused([](auto& o) { o.sequences = 3; });
  refused([](auto& o) { o.sequences = 0; });
  refused([](auto& o) { o.repetition_penalty = 0; });
}

TEST(TokenRules, RepeatedNgramsAreForbidden) {
  GenerationOptions rules = options(1);
  rules.no_repeat_ngram = 2;
  std::vector<float> scores(4, 0.F);
  apply_token_rules(rules, std::vector<std::int64_t>{2, 0, 1, 0}, scores);
  EXPECT_TRUE(std::isinf(scores[1]));
  EXPECT_EQ(scores[0], 0);
  EXPECT_EQ(scores[2], 0);
}

TEST(TokenRules, RepetitionCostsOnceWhateverTheSign) {
  GenerationOptions rules = options(1);
  rules.repetition_penalty = 2;
  std::vector<float> scores{4, -4, 1, 1};
  apply_token_rules(rules, std::vector<std::int64_t>{0, 1, 0}, scores);
  EXPECT_EQ(scores, (std::vector<float>{2, -8, 1, 1}));
}

TEST(TokenRules, FirstAndLastTokenCanBeForced) {
  GenerationOptions rules = options(1);
  rules.forced_first = 1;
  rules.forced_last = 3;
  std::vector<float> scores(4, 5.F);
  apply_token_rules(rules, std::vector<std::int64_t>{2}, scores);
  EXPECT_EQ(scores[1], 0);
  EXPECT_TRUE(std::isinf(scores[3]));
  scores.assign(4, 5.F);
  apply_token_rules(rules, std::vector<std::int64_t>{2, 1, 1, 1, 1}, scores);
  EXPECT_EQ(scores[3], 0);
  EXPECT_TRUE(std::isinf(scores[1]));
}

}  // namespace
}  // namespace thorax::nets
