#include "findings/network_opinion.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace thorax::findings {
namespace {

using nlohmann::json;

json golden() {
  std::ifstream file(std::string(THORAX_SOURCE_DIR) +
                     "/tests/golden/s1_postprocess/all/golden.json");
  return json::parse(file);
}

Scorecard shipped() {
  return load_scorecard(std::string(THORAX_SOURCE_DIR) + "/models/ct-quantitative");
}

float logit(double p) {
  return static_cast<float>(std::log(p / (1 - p)));
}

// The rule of the existing CT-CLIP service, on its own cases.
TEST(NetworkOpinion, VerdictAndTypeAreThoseOfTheExistingService) {
  const json facts = golden();
  const auto labels = facts.at("class_order").get<std::vector<std::string>>();
  const Scorecard card = shipped();
  ASSERT_GE(facts.at("cases").size(), 5u);
  for (const json& wanted : facts.at("cases")) {
    const auto binary = wanted.at("binary").get<std::vector<double>>();
    const std::vector<float> logits{0, logit(binary[1])};
    const auto probabilities = wanted.at("multilabel").get<std::vector<double>>();
    std::vector<NetworkOpinion> opinions{
        judge_pathology("binary", logits),
        judge_probabilities("multilabel", probabilities, labels, {}, card)};
    opinions[0].decides = true;
    EXPECT_NEAR(*opinions[0].probability, wanted.at("probability").get<double>(), 1e-6);
    Decision decision;
    decision.verdict.band_low = decision.verdict.band_high = 0.5;
    combine(decision, opinions);
    EXPECT_EQ(decision.verdict.kind == VerdictKind::pathology, wanted.at("pathology") == 1)
        << wanted.dump();
    EXPECT_EQ(decision.verdict.most_dangerous, wanted.at("most_dangerous")) << wanted.dump();
  }
}

TEST(NetworkOpinion, SeverityOrderIsTheFacts) {
  const Scorecard card = shipped();
  const json expected = golden();
  int before = 0;
  for (const std::string id : expected.at("severity_order")) {
    const auto opinion = judge_probabilities("m", std::vector<double>{0.9}, {id}, {}, card);
    EXPECT_GT(opinion.findings[0].severity_rank, before) << id;
    before = opinion.findings[0].severity_rank;
  }
}

TEST(NetworkOpinion, ThresholdsAreStrictAndPerClass) {
  const auto opinion = judge_findings("m", std::vector<float>{0, logit(0.7), logit(0.7)},
                                      {"Emphysema", "Cancer", "New"}, {0.5, 0.71, 0.5}, shipped());
  EXPECT_FALSE(opinion.findings[0].positive);  // exactly the threshold
  EXPECT_FALSE(opinion.findings[1].positive);
  EXPECT_TRUE(opinion.findings[2].positive);
  EXPECT_EQ(opinion.findings[2].severity_rank, 0);
  EXPECT_TRUE(opinion.most_dangerous.empty());  // the scorecard cannot rank it
}

TEST(NetworkOpinion, NumbersThatDoNotFitAreRefused) {
  EXPECT_THROW(judge_pathology("m", std::vector<float>{1, 2, 3}), Error);
  EXPECT_THROW(judge_findings("m", std::vector<float>{1}, {"a", "b"}, {}, shipped()), Error);
  EXPECT_THROW(judge_findings("m", std::vector<float>{1}, {"a"}, {0.5, 0.5}, shipped()), Error);
}

TEST(NetworkOpinion, WithoutADecidingOneTheMeasurementsVerdictStays) {
  Decision decision;
  decision.verdict.probability = 0.9;
  decision.verdict.kind = VerdictKind::pathology;
  decision.verdict.most_dangerous = "Emphysema";
  combine(decision, {judge_pathology("m", std::vector<float>{5, -5})});
  EXPECT_EQ(decision.verdict.probability, 0.9);
  EXPECT_EQ(decision.verdict.most_dangerous, "Emphysema");
}

TEST(NetworkOpinion, DecidingNetworkThatSeesNothingMakesTheStudyNormal) {
  Decision decision;
  decision.verdict.kind = VerdictKind::pathology;
  decision.verdict.most_dangerous = "Emphysema";
  NetworkOpinion opinion = judge_pathology("m", std::vector<float>{5, -5});
  opinion.decides = true;
  combine(decision, {opinion});
  EXPECT_EQ(decision.verdict.kind, VerdictKind::normal);
  EXPECT_TRUE(decision.verdict.most_dangerous.empty());
}

TEST(NetworkOpinion, AVerdictFromSlabsHasTheirBandAndThreshold) {
  NetworkOpinion opinion;
  opinion.model = "slabs";
  opinion.decides = true;
  opinion.threshold = 0.83;
  opinion.series = SeriesScore{};
  opinion.series->band = {0.8, 0.86};
  const auto kind = [&](double probability) {
    opinion.probability = probability;
    Decision decision;
    combine(decision, {opinion});
    EXPECT_EQ(decision.verdict.band_low, 0.8);
    return decision.verdict.kind;
  };
  EXPECT_EQ(kind(0.7), VerdictKind::normal);
  EXPECT_EQ(kind(0.85), VerdictKind::uncertain);
  EXPECT_EQ(kind(0.9), VerdictKind::pathology);
}

}  // namespace
}  // namespace thorax::findings
