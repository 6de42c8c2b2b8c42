#include "findings/picture_verdict.h"

#include <gmock/gmock.h>

#include <cmath>

#include "base/error.h"

namespace thorax::findings {
namespace {

using nlohmann::json;
using testing::ElementsAre;

const std::vector<std::string> kLabels{"NORMAL", "PNEUMONIA"};

PictureModel model(const json& manifest = json::object(),
                   const std::vector<std::string>& labels = kLabels) {
  return picture_model("m", labels, manifest).value();
}

/// Of nine calibration cases of each class the worst scored 0.3 and 0.6.
json calibrated() {
  return {{"normal", "NORMAL"},
          {"names", {{"PNEUMONIA", {{"en", "Pneumonia"}, {"ru", "Пневмония"}}}}},
          {"calibration",
           {{"temperature", 2},
            {"conformal",
             {{"NORMAL", {0, 0, 0, 0, 0, 0.1, 0.1, 0.2, 0.3}},
              {"PNEUMONIA", {0, 0, 0, 0, 0, 0.1, 0.1, 0.2, 0.6}}}}}}};
}

/// Logits with that probability of pneumonia at temperature 2.
std::vector<double> logits(double probability) {
  return {0, 2 * std::log(probability / (1 - probability))};
}

TEST(PictureModel, KnowsTheNormalClassByItsNameOrTheManifest) {
  EXPECT_EQ(model().normal, 0u);
  EXPECT_EQ(model(json::object(), {"Edema", "No_Finding"}).normal, 1u);
  EXPECT_EQ(model({{"normal", "b"}}, {"a", "b"}).normal, 1u);
  EXPECT_FALSE(picture_model("m", {"cat", "dog"}, json::object()).has_value());
  EXPECT_FALSE(picture_model("m", {}, json::object()).has_value());
}

TEST(PictureModel, NamesWhatIsWrongInAManifest) {
  json odd = calibrated();
  odd["calibration"]["conformal"].erase("PNEUMONIA");
  json unsorted = calibrated();
  unsorted["calibration"]["conformal"]["NORMAL"] = {0.5, 0.1};
  for (const json& manifest :
       {json{{"normal", "healthy"}}, odd, unsorted, json{{"calibration", {{"temperature", 0}}}},
        json{{"calibration", {{"temperature", "warm"}}}}}) {
    try {
      model(manifest);
      ADD_FAILURE() << manifest;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "bad_model"_code) << manifest;
    }
  }
}

TEST(PictureVerdict, TheSetDecidesWhereAMissRateIsPromised) {
  const PictureModel m = model(calibrated());
  const auto decide = [&](double probability) {
    return decide_picture(m, logits(probability), 0.1, 0.45, 0.55);
  };
  const Decision sick = decide(0.9);
  EXPECT_EQ(sick.verdict.kind, VerdictKind::pathology);
  EXPECT_TRUE(sick.verdict.calibrated);
  EXPECT_NEAR(sick.verdict.probability, 0.9, 1e-12);
  EXPECT_EQ(sick.verdict.most_dangerous, "PNEUMONIA");
  ASSERT_EQ(sick.findings.size(), 1u);
  EXPECT_EQ(sick.findings[0].name.ru, "Пневмония");
  EXPECT_TRUE(sick.findings[0].positive);
  EXPECT_THAT(sick.verdict.set->classes, ElementsAre(Text{"Pneumonia", "Пневмония"}));

  const Decision healthy = decide(0.2);
  EXPECT_EQ(healthy.verdict.kind, VerdictKind::normal);
  EXPECT_FALSE(healthy.findings[0].positive);
  EXPECT_THAT(healthy.verdict.set->classes, ElementsAre(Text{"NORMAL", "NORMAL"}));

  // 1 - 0.4 <= 0.6 keeps pneumonia, 0.4 > 0.3 rules normal out; at a smaller rate nothing is.
  EXPECT_EQ(decide(0.45).verdict.kind, VerdictKind::pathology);
  const Decision careful = decide_picture(m, logits(0.9), 0.05, 0.45, 0.55);
  EXPECT_EQ(careful.verdict.kind, VerdictKind::uncertain);
  EXPECT_EQ(careful.verdict.set->classes.size(), 2u);
  EXPECT_EQ(careful.verdict.most_dangerous, "");
}

TEST(PictureVerdict, AnEmptySetIsUncertain) {
  json sure = calibrated();
  sure["calibration"]["conformal"]["PNEUMONIA"] = std::vector<double>(9, 0.01);
  const Decision odd = decide_picture(model(sure), logits(0.5), 0.1, 0.45, 0.55);
  EXPECT_EQ(odd.verdict.kind, VerdictKind::uncertain);
  EXPECT_TRUE(odd.verdict.set->classes.empty());
}

TEST(PictureVerdict, TheBandDecidesElsewhere) {
  const PictureModel m = model({{"calibration", {{"temperature", 2}}}});
  const auto kind = [&](double p) {
    return decide_picture(m, logits(p), 0.1, 0.45, 0.55).verdict.kind;
  };
  EXPECT_EQ(kind(0.46), VerdictKind::uncertain);
  EXPECT_EQ(kind(0.44), VerdictKind::normal);
  EXPECT_EQ(kind(0.56), VerdictKind::pathology);
  EXPECT_FALSE(decide_picture(model(), logits(0.5), 0.1, 0.45, 0.55).verdict.calibrated);
}

TEST(PictureVerdict, SeveralPathologiesAddUp) {
  const PictureModel m = model(json::object(), {"normal", "a", "b"});
  const std::vector<double> even{std::log(2), 0, std::log(2)};
  EXPECT_NEAR(pathology_log_odds(m, even), std::log(3.0 / 2), 1e-12);
  const Decision decision = decide_picture(m, even, 0.1, 0.45, 0.55);
  EXPECT_NEAR(decision.verdict.probability, 0.6, 1e-12);
  EXPECT_EQ(decision.verdict.most_dangerous, "b") << "the likelier of the two";
  EXPECT_FALSE(decision.findings[0].positive);
  EXPECT_THROW(decide_picture(m, std::vector{1.0}, 0.1, 0.45, 0.55), Error);
}

}  // namespace
}  // namespace thorax::findings
