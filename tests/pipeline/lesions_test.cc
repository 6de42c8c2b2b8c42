#include "pipeline/lesions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/models.h"

namespace thorax::pipeline {
namespace {

using measure::FindingLabel;
using testing::ElementsAre;
using testing::HasSubstr;

measure::CtMeasurements measured() {
  measure::CtMeasurements m;
  measure::Nodule nodule;
  nodule.place.where = {"right lung, upper third", "правое лёгкое, верхняя треть"};
  nodule.diameter_mm = 8.6;
  nodule.touches_wall = true;
  nodule.calcified = true;
  nodule.score = 0.9;
  measure::Nodule doubtful = nodule;
  doubtful.score = 0.1;
  m.nodules = {nodule, doubtful};
  m.regions = {{FindingLabel::kConsolidation,
                {{}, {}, {}, {"left lung", "левое лёгкое"}},
                measure::Side::left,
                1.3,
                -50},
               {FindingLabel::kGroundGlass, {}, measure::Side::right, 120.4, -600}};
  return m;
}

TEST(LesionRows, DescribeSizeKindAndPlaceInBothLanguages) {
  const auto rows = lesion_rows(measured());
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0].description.en,
            "9 mm solid nodule, calcified, right lung, upper third, touches the pleura");
  EXPECT_EQ(rows[0].description.ru,
            "солидный очаг 9 мм, обызвествлённый, правое лёгкое, верхняя треть, прилежит к плевре");
  EXPECT_EQ(rows[2].description.en, "consolidation, 1.3 mL, left lung");
  EXPECT_EQ(rows[2].description.ru, "консолидация, 1,3 мл, левое лёгкое");
  EXPECT_EQ(rows[2].volume_mm3, 1300);
  EXPECT_EQ(rows[3].description.en, "ground-glass opacity, 120 mL");
}

TEST(LesionRows, WhatIsSmallIsInCubicMillimetres) {
  measure::CtMeasurements m;
  m.regions = {{FindingLabel::kCoronaryCalcification, {}, measure::Side::both, 0.039, 300}};
  const auto rows = lesion_rows(m);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].description.en, "coronary calcification, 39 mm³");
  EXPECT_THAT(rows[0].description.ru, HasSubstr(", 39 мм³"));
}

TEST(FindingPlaces, AreThoseOfSuspiciousNodulesAndConsolidationIsAnOpacityToo) {
  const auto places = finding_places(measured());
  EXPECT_EQ(places.at("Lung nodule").size(), 1u);
  EXPECT_EQ(places.at("Consolidation").size(), 1u);
  EXPECT_EQ(places.at("Lung opacity").size(), 2u);
}

TEST(LesionRows, CandidatesBelowTheThresholdAreListedForCheckingOnly) {
  measure::CtMeasurements m;
  for (int i = 0; i < 30; ++i) {
    measure::Nodule nodule;
    nodule.score = i == 0 ? 0.5 : 0.1 - 0.001 * i;
    nodule.diameter_mm = i == 0 ? 42 : 7;
    m.nodules.push_back(nodule);
  }
  const auto rows = lesion_rows(m);
  ASSERT_EQ(rows.size(), 10u);
  EXPECT_TRUE(rows[0].suspicious);
  EXPECT_THAT(rows[0].description.en, HasSubstr("42 mm mass"));
  EXPECT_THAT(rows[0].description.ru, HasSubstr("образование 42 мм"));
  EXPECT_FALSE(rows[1].suspicious);
  EXPECT_EQ(finding_places(m).at("Lung nodule").size(), 1u);
}

TEST(FindingIds, AreClassesOfTheShippedModel) {
  ModelOptions options;
  options.folder = std::string(THORAX_SOURCE_DIR) + "/models";
  const Models models = load_models(options);
  for (int label = FindingLabel::kEmphysema; label <= FindingLabel::kAorticCalcification; ++label) {
    const auto ids = finding_ids(static_cast<FindingLabel>(label));
    EXPECT_FALSE(ids.empty()) << label;
    for (const std::string& id : ids) EXPECT_NE(models.ct.find(id), nullptr) << id;
  }
  EXPECT_THAT(finding_ids(FindingLabel::kNoFinding), ElementsAre());
}

}  // namespace
}  // namespace thorax::pipeline
