// The F1 thresholds of the first of the earlier systems.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "evaluate/threshold.h"

namespace thorax::evaluate {
namespace {

double f1(const std::vector<double>& scores, const std::vector<std::uint8_t>& labels,
          double threshold) {
  double right = 0, called = 0, positive = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const bool above = scores[i] > threshold;
    right += above && labels[i] != 0 ? 1 : 0;
    called += above ? 1 : 0;
    positive += labels[i];
  }
  return 2 * right / (called + positive);
}

// That system calls a case at its threshold positive, this one above it: the cut lies between the
// reference and the next lower score, and the calls are the same.
TEST(ThresholdReference, TheCutOfHighestF1IsTheFirstSystems) {
  std::ifstream file(THORAX_SOURCE_DIR "/tests/golden/s1_threshold/all/golden.json");
  const nlohmann::json golden = nlohmann::json::parse(file);
  const nlohmann::json& cases = golden.at("cases");
  for (const auto& [name, one] : cases.items()) {
    const auto labels = one.at("labels").get<std::vector<std::uint8_t>>();
    const auto scores = one.at("probabilities").get<std::vector<double>>();
    const Ranking ranking(scores, labels);
    ThresholdGoal goal;
    goal.kind = ThresholdGoal::Kind::f1;
    const double cut = choose_threshold(ranking, goal);
    EXPECT_NEAR(f1(scores, labels, cut), one.at("f1").get<double>(), 1e-7) << name;
    EXPECT_LT(cut, one.at("threshold").get<double>()) << name;
    EXPECT_NEAR(ranking.auroc(), one.at("auroc").get<double>(), 1e-12) << name;
    EXPECT_NEAR(ranking.average_precision(), one.at("average_precision").get<double>(), 1e-12)
        << name;
  }
}

}  // namespace
}  // namespace thorax::evaluate
