#include "findings/slab_decision.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/error.h"

namespace thorax::findings {
namespace {

nlohmann::json golden() {
  std::ifstream file(std::filesystem::path(THORAX_SOURCE_DIR) /
                     "tests/golden/s3_logic/all/golden.json");
  return nlohmann::json::parse(file);
}

TEST(SlabDecision, HighestScoresFollowTheReference) {
  const nlohmann::json facts = golden().at("topk_mean");
  const auto scores = facts.at("scores_values").get<std::vector<double>>();
  for (const auto& [share, expected] : facts.at("result").items()) {
    EXPECT_NEAR(top_share_score(scores, std::stod(share)), expected.get<double>(), 1e-6) << share;
  }
}

TEST(SlabDecision, SecondOpinionInsideTheBandOnly) {
  const auto facts = golden();
  for (const auto& expected : facts.at("routing")) {
    int asked = 0;
    const auto answer = answer_in_band(expected.at("score_2d").get<double>(), {}, [&] {
      ++asked;
      return 0.5;
    });
    EXPECT_NEAR(answer.score, expected.at("final").get<double>(), 1e-12);
    EXPECT_EQ(answer.asked_again, expected.at("routed").get<bool>());
    EXPECT_EQ(asked, answer.asked_again ? 1 : 0);
    EXPECT_EQ(answer.pathology, expected.at("label").get<std::string>() == "pathology");
  }
}

TEST(SlabDecision, SecondOpinionCanTurnTheAnswer) {
  EXPECT_TRUE(answer_in_band(0.48, {}, [] { return 0.9; }).pathology);
  EXPECT_FALSE(answer_in_band(0.48, {}, {}).asked_again);
}

TEST(SlabDecision, RefusesSharesWithoutMeaning) {
  const std::vector<double> scores{0.1, 0.9};
  EXPECT_DOUBLE_EQ(mean_score(scores), 0.5);
  EXPECT_THROW(top_share_score(scores, 0), Error);
  EXPECT_THROW(top_share_score(scores, 1.1), Error);
  EXPECT_THROW(top_share_score({}, 0.5), Error);
}

}  // namespace
}  // namespace thorax::findings
