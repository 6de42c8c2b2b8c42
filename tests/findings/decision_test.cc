#include "findings/decision.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"

namespace thorax::findings {
namespace {

Scorecard card() {
  Scorecard c;
  c.reliability_factor = {
      {Reliability::good, 1.0}, {Reliability::limited, 0.9}, {Reliability::weak, 0.7}};
  c.classes = {
      {.id = "Emphysema", .terms = {{"laa", 6, 1.5, 1, "paper"}}},
      {.id = "Nodule", .terms = {{"size", 6, 1, 1, "paper"}, {"growth", 2, 1, 0.5, "paper"}}},
      {.id = "Low", .terms = {{"density", 100, -10, 1, "paper"}}, .pathology_weight = 0},
      {.id = "Hernia", .terms = {}, .not_analysed_why = {"no weights", "нет весов"}},
  };
  c.severity_order = {"Nodule", "Hernia", "Emphysema", "Low"};
  return c;
}

Measurement measured(const std::string& id, double value,
                     Reliability reliability = Reliability::good) {
  Measurement m;
  m.id = id;
  m.value = value;
  m.reliability = reliability;
  return m;
}

Measurements measurements(std::initializer_list<Measurement> list) {
  Measurements out;
  for (const Measurement& m : list) out.add(m);
  return out;
}

Decision decide_on(std::initializer_list<Measurement> list) {
  return decide(card(), measurements(list), {}, 0.45, 0.55);
}

TEST(Decision, AValueAtTheCutOffScoresAHalf) {
  const Decision d = decide_on({measured("laa", 6)});
  EXPECT_DOUBLE_EQ(d.findings[0].score, 0.5);
  EXPECT_FALSE(d.findings[0].positive);  // strictly above
  EXPECT_DOUBLE_EQ(d.verdict.probability, 0.5);
  EXPECT_EQ(d.verdict.kind, VerdictKind::uncertain);
}

TEST(Decision, TermsAndFindingsJoinByNoisyOr) {
  const Decision d = decide_on({measured("laa", 6), measured("size", 6), measured("growth", 2)});
  EXPECT_DOUBLE_EQ(d.findings[1].score, 1 - 0.5 * 0.75);
  EXPECT_DOUBLE_EQ(d.verdict.probability, 1 - 0.5 * 0.5 * 0.75);
  EXPECT_EQ(d.verdict.kind, VerdictKind::pathology);
  EXPECT_EQ(d.verdict.most_dangerous, "Nodule");
}

TEST(Decision, TheMostDangerousIsBySeverityNotByScore) {
  const Decision d = decide_on({measured("laa", 60), measured("size", 7)});
  EXPECT_GT(d.findings[0].score, d.findings[1].score);
  EXPECT_EQ(d.verdict.most_dangerous, "Nodule");
  EXPECT_EQ(d.findings[1].severity_rank, 1);
}

TEST(Decision, WeakEvidenceNeverReachesCertainty) {
  const Decision d = decide_on({measured("laa", 1000, Reliability::weak)});
  EXPECT_DOUBLE_EQ(d.findings[0].score, 0.7);
}

TEST(Decision, ANegativeScaleMakesLowValuesCount) {
  const Decision d = decide_on({measured("density", 50), measured("laa", 0)});
  EXPECT_NEAR(d.findings[2].score, 1 / (1 + std::exp(-5.0)), 1e-12);
  EXPECT_TRUE(d.findings[2].positive);
  EXPECT_EQ(d.verdict.kind, VerdictKind::normal);  // weight 0: does not count
  EXPECT_TRUE(d.verdict.most_dangerous.empty());
}

TEST(Decision, TheMeasurementSaysWhyItIsMissing) {
  Measurements values;
  values.add(measured("laa", 1));
  values.omit("growth", {"one scan only", "только одно исследование"});
  const Decision d = decide(card(), values, {}, 0.45, 0.55);
  EXPECT_EQ(d.findings[1].not_analysed_why.en, "not measured: one scan only");
  EXPECT_EQ(d.findings[1].not_analysed_why.ru, "не измерено: только одно исследование");
}

TEST(Decision, WhatIsNotMeasuredIsNotAnalysedAndNotAbsent) {
  const Decision d = decide_on({measured("laa", 0)});
  EXPECT_FALSE(d.findings[1].analysed);
  EXPECT_THAT(d.findings[1].not_analysed_why.en, testing::HasSubstr("could not be outlined"));
  EXPECT_FALSE(d.findings[3].analysed);
  EXPECT_EQ(d.findings[3].not_analysed_why.ru, "нет весов");
  EXPECT_TRUE(d.findings[1].evidence.empty());
}

TEST(Decision, NothingMeasuredIsAnErrorNotANormalStudy) {
  EXPECT_THROW(decide_on({}), Error);
}

TEST(Decision, TheBandIsStrict) {
  const auto kind = [](double low, double high) {
    return decide(card(), measurements({measured("laa", 6)}), {}, low, high).verdict.kind;
  };
  EXPECT_EQ(kind(0.5, 0.6), VerdictKind::normal);
  EXPECT_EQ(kind(0.4, 0.5), VerdictKind::normal);
  EXPECT_EQ(kind(0.49, 0.51), VerdictKind::uncertain);
}

TEST(Decision, PlacesFollowTheirFinding) {
  const Place place{.centre_mm = {1, 2, 3}};
  const Decision d =
      decide(card(), measurements({measured("size", 9)}), {{"Nodule", {place}}}, 0.45, 0.55);
  ASSERT_EQ(d.findings[1].places.size(), 1U);
  EXPECT_EQ(d.findings[1].places[0].centre_mm[2], 3);
}

}  // namespace
}  // namespace thorax::findings
