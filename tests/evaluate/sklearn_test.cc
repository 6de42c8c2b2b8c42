// The metrics against scikit-learn's, number for number (tools/make_metric_goldens.py).
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "evaluate/calibration.h"
#include "evaluate/conformal.h"
#include "evaluate/metrics.h"
#include "evaluate/threshold.h"

namespace thorax::evaluate {
namespace {

using nlohmann::json;

constexpr double kBound = 1e-12;
constexpr BootstrapOptions kNoIntervals{0, 42, 0.95};

json golden(const std::string& part) {
  std::ifstream file(std::filesystem::path(THORAX_SOURCE_DIR) /
                     "tests/golden/metrics/sklearn/golden.json");
  return json::parse(file).at(part);
}

template <class T>
std::vector<T> flat(const json& matrix) {
  std::vector<T> out;
  for (const json& row : matrix)
    for (const json& value : row) out.push_back(value.get<T>());
  return out;
}

void expect_row(const ClassMetrics& row, const json& expected) {
  for_each_number([&](const char* id, Estimate ClassMetrics::*member) {
    if (!expected.contains(id)) return;
    EXPECT_NEAR((row.*member).value, expected.at(id).get<double>(), kBound)
        << row.name << ' ' << id;
  });
}

void expect_metrics(const Metrics& metrics, const json& expected) {
  EXPECT_NEAR(metrics.accuracy.value, expected.at("accuracy").get<double>(), kBound);
  for (std::size_t k = 0; k < metrics.classes.size(); ++k)
    expect_row(metrics.classes[k], expected.at("classes").at(k));
  expect_row(metrics.macro, expected.at("macro"));
  expect_row(metrics.micro, expected.at("micro"));
}

class Exclusive : public testing::TestWithParam<const char*> {
 protected:
  json expected = golden(GetParam());
  std::vector<double> logits = flat<double>(expected.at("logits"));
  std::vector<int> truth = expected.at("truth").get<std::vector<int>>();
  std::size_t classes = logits.size() / truth.size();

  Cases cases() const {
    Cases made;
    for (std::size_t k = 0; k < classes; ++k) made.classes.push_back(std::to_string(k));
    for (std::size_t i = 0; i < truth.size(); ++i) {
      const auto row = softmax(std::span(logits).subspan(i * classes, classes));
      made.probabilities.insert(made.probabilities.end(), row.begin(), row.end());
      for (std::size_t k = 0; k < classes; ++k)
        made.truth.push_back(static_cast<int>(k) == truth[i]);
    }
    return made;
  }
};

TEST_P(Exclusive, MetricsAreTheReferences) {
  const Cases made = cases();
  const Metrics metrics = measure(made, {}, kNoIntervals);
  expect_metrics(metrics, expected);
  EXPECT_NEAR(metrics.brier.value, expected.at("brier").get<double>(), kBound);
  EXPECT_NEAR(metrics.calibration_error.value, expected.at("calibration_error").get<double>(),
              kBound);
  EXPECT_EQ(json(confusion_matrix(made, call(made))), expected.at("confusion"));
  EXPECT_EQ(made.truth_indices(), truth);
}

TEST_P(Exclusive, TheTemperatureIsTheBest) {
  const double temperature = fit_temperature(logits, truth, classes);
  EXPECT_NEAR(temperature, expected.at("temperature").get<double>(), 1e-5);
  EXPECT_NEAR(log_loss(logits, truth, classes), expected.at("log_loss").get<double>(), kBound);
  EXPECT_NEAR(log_loss(logits, truth, classes, temperature),
              expected.at("temperature_log_loss").get<double>(), 1e-10);
}

TEST_P(Exclusive, ConformalLimitsAreTheQuantiles) {
  const Cases made = cases();
  const std::size_t half = truth.size() / 2;
  const ConformalScores scores = conformal_scores(
      std::span(made.probabilities).first(half * classes), std::span(truth).first(half), classes);
  for (const auto& [miss_rate, limits] : expected.at("conformal").items())
    for (std::size_t k = 0; k < classes; ++k) {
      const double limit = conformal_limit(scores.of_class[k], std::stod(miss_rate));
      const double reference = limits.at(k).is_null() ? HUGE_VAL : limits.at(k).get<double>();
      EXPECT_TRUE(limit == reference || std::abs(limit - reference) < kBound) << miss_rate;
    }
}

INSTANTIATE_TEST_SUITE_P(Sklearn, Exclusive, testing::Values("exclusive", "two"));

TEST(Sklearn, FindingsWithThresholds) {
  const json expected = golden("findings");
  Cases cases;
  cases.exclusive = false;
  cases.classes = {"a", "b", "c"};
  cases.probabilities = flat<double>(expected.at("probabilities"));
  for (const int value : flat<int>(expected.at("truth")))
    cases.truth.push_back(static_cast<std::uint8_t>(value));
  CallRule rule;
  rule.thresholds = expected.at("thresholds").get<std::vector<double>>();
  expect_metrics(measure(cases, rule, kNoIntervals), expected);
}

class Ranked : public testing::Test {
 protected:
  json expected = golden("ranked");
  std::vector<double> scores = expected.at("scores").get<std::vector<double>>();
  std::vector<std::uint8_t> truth = expected.at("truth").get<std::vector<std::uint8_t>>();
  Ranking ranking{scores, truth};
};

TEST_F(Ranked, AreasAndCurveWithTies) {
  const auto weights = expected.at("weights").get<std::vector<double>>();
  EXPECT_NEAR(ranking.auroc(), expected.at("auroc").get<double>(), kBound);
  EXPECT_NEAR(ranking.average_precision(), expected.at("auprc").get<double>(), kBound);
  EXPECT_NEAR(ranking.auroc(weights), expected.at("weighted_auroc").get<double>(), kBound);
  EXPECT_NEAR(ranking.average_precision(weights), expected.at("weighted_auprc").get<double>(),
              kBound);
  const std::vector<Ranking::Point> points = ranking.points();
  ASSERT_EQ(points.size(), expected.at("roc").size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    const json& point = expected.at("roc").at(i);
    EXPECT_EQ(points[i].threshold, point.at(0).get<double>());
    EXPECT_NEAR(points[i].true_positives / points.back().true_positives, point.at(1).get<double>(),
                kBound);
    EXPECT_NEAR(points[i].false_positives / points.back().false_positives,
                point.at(2).get<double>(), kBound);
  }
}

TEST_F(Ranked, ReliabilityBins) {
  const auto bins = reliability(scores, truth, 5);
  ASSERT_EQ(bins.size(), 5u);
  for (std::size_t b = 0; b < 5; ++b) {
    EXPECT_NEAR(bins[b].stated, expected.at("reliability").at("stated").at(b).get<double>(),
                kBound);
    EXPECT_NEAR(bins[b].observed, expected.at("reliability").at("observed").at(b).get<double>(),
                kBound);
  }
}

TEST_F(Ranked, ThresholdsByTheirGoals) {
  // The reference names the lowest score that is still positive; ours lies just below it.
  for (const char* goal : {"youden", "f1", "sensitivity>=0.9"}) {
    const double lowest_positive = expected.at(goal).get<double>();
    const double threshold = choose_threshold(ranking, parse_goal(goal));
    EXPECT_LT(threshold, lowest_positive) << goal;
    for (const double score : scores)
      EXPECT_TRUE(score >= lowest_positive || score < threshold) << goal << ' ' << score;
  }
}

}  // namespace
}  // namespace thorax::evaluate
