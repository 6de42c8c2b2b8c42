#include "findings/scope.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace thorax::findings {
namespace {

using nlohmann::json;

TEST(Scope, AgesAreCompletedYears) {
  const Population children{1, 5};
  EXPECT_FALSE(check_age(children, "m", 1.0));
  EXPECT_FALSE(check_age(children, "m", 5.99)) << "still five";
  ASSERT_TRUE(check_age(children, "m", 0.9));
  const auto older = check_age(children, "m", 6.0);
  ASSERT_TRUE(older);
  EXPECT_EQ(older->code, "outside_population"_code);
  EXPECT_EQ(older->args.at("age"), "6");
  EXPECT_EQ(older->what(Language::ru),
            "Возраст пациента: 6 лет; модель m предназначена для возраста от 1 до 5 лет.");
}

TEST(Scope, AnAgeThatIsNotStatedIsSaidToBe) {
  const auto unknown = check_age({1, 5}, "m", std::nullopt);
  ASSERT_TRUE(unknown);
  EXPECT_EQ(unknown->code, "population_unknown"_code);
  EXPECT_EQ(unknown->severity(), Severity::info);
}

TEST(Scope, ReadsTheManifest) {
  EXPECT_FALSE(population_of(json::object()));
  const auto found = population_of({{"population", {{"age_years", {{"from", 1}, {"to", 5}}}}}});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->from, 1);
  EXPECT_EQ(found->to, 5);
  EXPECT_THROW(population_of({{"population", {{"age_years", {{"from", 5}, {"to", 1}}}}}}),
               std::invalid_argument);
  EXPECT_THROW(population_of({{"population", {{"age", 3}}}}), json::exception);
}

TEST(Scope, APictureAtTheLimitIsInside) {
  EXPECT_FALSE((Novelty{1.2, 1.2, 0.05}.outside()));
  EXPECT_TRUE((Novelty{1.21, 1.2, 0.05}.outside()));
}

TEST(Scope, OutsideEveryClassIsPossibleAndNothingWasFound) {
  Decision decision;
  Finding finding;
  finding.id = decision.verdict.most_dangerous = "PNEUMONIA";
  finding.analysed = finding.positive = true;
  finding.places.emplace_back();
  decision.findings.push_back(finding);
  decision.verdict.kind = VerdictKind::pathology;
  decision.verdict.probability = 0.9;
  decision.verdict.set = PredictionSet{0.05, {{"pneumonia", "пневмония"}}};
  leave_open(decision, {{"none", "нет"}, {"pneumonia", "пневмония"}});
  EXPECT_EQ(decision.verdict.kind, VerdictKind::uncertain);
  EXPECT_FALSE(decision.verdict.in_scope);
  EXPECT_TRUE(decision.verdict.most_dangerous.empty());
  EXPECT_EQ(decision.verdict.set->classes.size(), 2u);
  EXPECT_EQ(decision.verdict.probability, 0.9);
  EXPECT_FALSE(decision.findings[0].analysed);
  EXPECT_FALSE(decision.findings[0].positive);
  EXPECT_TRUE(decision.findings[0].places.empty());
}

}  // namespace
}  // namespace thorax::findings
