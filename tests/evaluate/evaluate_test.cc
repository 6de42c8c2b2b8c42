// Known answers where no reference is needed: promises kept, what is not defined, and limits.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <stdexcept>

#include "base/parallel.h"
#include "evaluate/calibration.h"
#include "evaluate/conformal.h"
#include "evaluate/metrics.h"
#include "evaluate/threshold.h"

namespace thorax::evaluate {
namespace {

Cases two_classes(const std::vector<double>& positive, const std::vector<int>& truth) {
  Cases cases;
  cases.classes = {"NORMAL", "PNEUMONIA"};
  for (std::size_t i = 0; i < truth.size(); ++i) {
    cases.probabilities.insert(cases.probabilities.end(), {1 - positive[i], positive[i]});
    cases.truth.insert(cases.truth.end(), {static_cast<std::uint8_t>(truth[i] == 0),
                                           static_cast<std::uint8_t>(truth[i] == 1)});
  }
  return cases;
}

/// Two normal-looking overlapping groups; the same for the same seed.
Cases drawn(int count, std::uint64_t seed) {
  std::mt19937_64 generator(seed);
  const auto unit = [&] { return static_cast<double>(generator() >> 11) * 0x1p-53; };
  std::vector<double> positive;
  std::vector<int> truth;
  for (int i = 0; i < count; ++i) {
    truth.push_back(unit() < 0.4 ? 1 : 0);
    positive.push_back((unit() + unit() + truth.back()) / 3);
  }
  return two_classes(positive, truth);
}

TEST(Metrics, AThresholdMovesTheCalls) {
  const Cases cases = two_classes({0.1, 0.4, 0.6, 0.9}, {0, 1, 0, 1});
  const Metrics usual = measure(cases, {}, {0});
  EXPECT_DOUBLE_EQ(usual.accuracy.value, 0.5);
  CallRule rule;
  rule.thresholds = {0.3};
  const Metrics eager = measure(cases, rule, {0});
  EXPECT_DOUBLE_EQ(eager.classes[1].sensitivity.value, 1);
  EXPECT_DOUBLE_EQ(eager.classes[1].specificity.value, 0.5);
  rule.thresholds = {0.4};
  EXPECT_DOUBLE_EQ(measure(cases, rule, {0}).classes[1].sensitivity.value, 0.5)
      << "strictly above only";
}

TEST(Metrics, WhatIsNotDefinedIsNoNumberAndLeftOutOfAverages) {
  const Metrics metrics = measure(two_classes({0.1, 0.2}, {0, 0}), {}, {50});
  EXPECT_TRUE(std::isnan(metrics.classes[1].precision.value));
  EXPECT_TRUE(std::isnan(metrics.classes[1].auroc.value));
  EXPECT_TRUE(std::isnan(metrics.classes[1].auroc.low));
  EXPECT_DOUBLE_EQ(metrics.macro.precision.value, 1);
}

TEST(Metrics, WrongSizesAreRefused) {
  Cases cases = two_classes({0.1, 0.9}, {0, 1});
  cases.truth[0] = 0;
  EXPECT_THROW(measure(cases), std::invalid_argument) << "a case without a class";
  cases = two_classes({0.1, 0.9}, {0, 1});
  cases.patients = {"one"};
  EXPECT_THROW(measure(cases), std::invalid_argument);
  cases.patients.clear();
  CallRule rule;
  rule.thresholds = {0.5, 0.5};
  EXPECT_THROW(measure(cases, rule), std::invalid_argument);
  cases.probabilities[0] = NAN;
  EXPECT_THROW(measure(cases), std::invalid_argument);
}

TEST(Bootstrap, IntervalsHaveTheWidthThatStatisticsSay) {
  // A share of 0.3 in 1000 cases: standard error sqrt(0.3 * 0.7 / 1000).
  std::vector<double> positive(1000, 0.2);
  std::vector<int> truth(1000, 0);
  std::fill_n(truth.begin(), 300, 1);
  const Metrics metrics = measure(two_classes(positive, truth), {}, {2000});
  const double error = std::sqrt(0.3 * 0.7 / 1000);
  EXPECT_DOUBLE_EQ(metrics.accuracy.value, 0.7);
  EXPECT_NEAR(metrics.accuracy.low, 0.7 - 1.96 * error, 0.15 * error);
  EXPECT_NEAR(metrics.accuracy.high, 0.7 + 1.96 * error, 0.15 * error);
}

TEST(Bootstrap, CopiesOfAPatientFeignNoCertainty) {
  const Cases once = drawn(60, 1);
  Cases often = once;
  for (int copy = 0; copy < 4; ++copy) {
    often.probabilities.insert(often.probabilities.end(), once.probabilities.begin(),
                               once.probabilities.end());
    often.truth.insert(often.truth.end(), once.truth.begin(), once.truth.end());
  }
  for (std::size_t i = 0; i < often.count(); ++i)
    often.patients.push_back("patient " + std::to_string(i % 60));
  const Metrics expected = measure(once, {}, {300}), metrics = measure(often, {}, {300});
  EXPECT_EQ(metrics.cases, 300);
  EXPECT_EQ(metrics.patients, 60);
  EXPECT_NEAR(metrics.classes[1].auroc.low, expected.classes[1].auroc.low, 1e-12);
  EXPECT_NEAR(metrics.classes[1].auroc.high, expected.classes[1].auroc.high, 1e-12);
  EXPECT_LT(measure(often, {}, {0}).cases, 301);
}

TEST(Bootstrap, IsTheSameForAnyNumberOfThreads) {
  const Cases cases = drawn(80, 2);
  set_thread_count(1);
  const Metrics one = measure(cases, {}, {100});
  set_thread_count(4);
  const Metrics four = measure(cases, {}, {100});
  set_thread_count(0);
  for_each_number([&](const char* id, Estimate ClassMetrics::*member) {
    EXPECT_EQ((one.macro.*member).low, (four.macro.*member).low) << id;
    EXPECT_EQ((one.macro.*member).high, (four.macro.*member).high) << id;
  });
}

TEST(Bootstrap, QuantilesAreLinearBetweenNeighbours) {
  EXPECT_DOUBLE_EQ(quantile({4, 1, NAN, 3, 2}, 0.5), 2.5);
  EXPECT_DOUBLE_EQ(quantile({7}, 0.025), 7);
  EXPECT_TRUE(std::isnan(quantile({NAN}, 0.5)));
}

TEST(Conformal, NewCasesAreCoveredAsPromised) {
  const Cases seen = drawn(2000, 3), fresh = drawn(4000, 4);
  const ConformalScores scores = conformal_scores(seen.probabilities, seen.truth_indices(), 2);
  for (const double miss_rate : {0.05, 0.2}) {
    const Coverage coverage =
        conformal_coverage(fresh.probabilities, fresh.truth_indices(), scores, miss_rate);
    // Three standard errors of a class's calibration and test cases.
    const double error = 3 * std::sqrt(miss_rate * (1 - miss_rate) * (1 / 800.0 + 1 / 1600.0));
    for (const double share : coverage.of_class) EXPECT_NEAR(share, 1 - miss_rate, error);
    EXPECT_GT(coverage.mean_size, 0.5);
  }
}

TEST(Conformal, TooFewCasesRuleNothingOut) {
  const ConformalScores scores{{{0.1, 0.2, 0.3}, {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9}}};
  // 3 cases promise no miss rate below 1 / 4; the 9th of 9 promises 1 / 10.
  EXPECT_EQ(conformal_set(std::vector{0.0, 1.0}, scores, 0.1), (std::vector{0, 1}));
  EXPECT_EQ(conformal_set(std::vector{1.0, 0.0}, scores, 0.1), (std::vector{0}));
  EXPECT_EQ(conformal_set(std::vector{0.5, 0.5}, scores, 0.3), (std::vector{1}));
  EXPECT_DOUBLE_EQ(conformal_limit(scores.of_class[1], 0.1), 0.9);
  EXPECT_THROW(conformal_set(std::vector{1.0}, scores, 0.1), std::invalid_argument);
}

TEST(Shift, UndoesWhatWasAddedToOneClass) {
  // Answers that are right on average: of cases told p, the share p is of class 1.
  std::vector<double> logits;
  std::vector<int> truth;
  for (int tenths = 1; tenths < 10; ++tenths)
    for (int i = 0; i < 10; ++i) {
      const double odds = tenths / (10.0 - tenths);
      logits.insert(logits.end(), {0, 2 * std::log(odds) + 3});  // temperature 2, shifted by 3
      truth.push_back(i < tenths ? 1 : 0);
    }
  const std::vector<double> shift = fit_shift(logits, truth, 2, 2, false);
  EXPECT_NEAR(shift[1] - shift[0], -3, 1e-6);
  EXPECT_NEAR(shift[0] + shift[1], 0, 1e-12);
  // As often as the other class, the second would be met with other odds.
  for (int i = 0; i < 90; ++i)
    if (truth[static_cast<std::size_t>(i)] == 1)
      for (int copy = 0; copy < 2; ++copy) {
        logits.insert(logits.end(), {0, logits[static_cast<std::size_t>(2 * i + 1)]});
        truth.push_back(1);
      }
  const std::vector<double> balanced = fit_shift(logits, truth, 2, 2, true);
  EXPECT_NEAR(balanced[1] - balanced[0], -3, 1e-6);
  const std::vector<double> frequent = fit_shift(logits, truth, 2, 2, false);
  EXPECT_NEAR(frequent[1] - frequent[0], -3 + 2 * std::log(3), 1e-6);
  // Nothing is known of a class without a case.
  EXPECT_EQ(fit_shift(std::vector<double>{0, 1}, std::vector<int>{1}, 2, 1, true),
            (std::vector<double>{0, 0}));
}

TEST(Temperature, UndoesWhatWasMultiplied) {
  // Logits (0, z) whose softmax is the true share of the class: three of four, one of four.
  std::vector<double> logits;
  std::vector<int> truth;
  for (int i = 0; i < 8; ++i) {
    logits.insert(logits.end(), {0, (i < 4 ? 1 : -1) * 5 * std::log(3.0)});
    truth.push_back(i < 4 ? i != 0 : i == 4);
  }
  EXPECT_NEAR(fit_temperature(logits, truth, 2), 5, 1e-9);
  EXPECT_THROW(fit_temperature(logits, std::vector<int>(8, 2), 2), std::invalid_argument);
}

TEST(Threshold, GoalsThatCannotBeReadAreRefused) {
  for (const char* text :
       {"", "F2", "sensitivity>=", "sensitivity>=2", "specificity>=0.9x", "sensitivity>=1e999"})
    EXPECT_THROW(parse_goal(text), std::invalid_argument) << text;
  EXPECT_DOUBLE_EQ(parse_goal("specificity>=0.9").at_least, 0.9);
}

TEST(Threshold, KeepsTheSpecificityAskedFor) {
  const std::vector<double> scores{0.9, 0.8, 0.7, 0.3};
  const std::vector<std::uint8_t> labels{1, 0, 1, 0};
  const Ranking ranking(scores, labels);
  EXPECT_DOUBLE_EQ(choose_threshold(ranking, parse_goal("specificity>=0.9")), 0.85);
  EXPECT_DOUBLE_EQ(choose_threshold(ranking, parse_goal("sensitivity>=0.9")), 0.5);
  const std::vector<std::uint8_t> worse{0, 1, 1, 0};
  EXPECT_DOUBLE_EQ(choose_threshold(Ranking(scores, worse), parse_goal("specificity>=1")), 0.9)
      << "nothing can be called positive";
  const std::vector<std::uint8_t> one_kind{1, 1, 1, 1};
  EXPECT_THROW(choose_threshold(Ranking(scores, one_kind), {}), std::invalid_argument);
}

}  // namespace
}  // namespace thorax::evaluate
