#include "measure/opacity.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "phantom_measured.h"

namespace thorax::measure {
namespace {

using testing::PhantomMeasured;

TEST(Opacity, HealthyLungHasNoneAndTheFieldsAreRight) {
  const PhantomMeasured p = PhantomMeasured::lungs({}, 2.5);
  EXPECT_NEAR(p.value("lung.left.volume"), p.true_lung_ml(kLeftLung),
              0.02 * p.true_lung_ml(kLeftLung));
  EXPECT_NEAR(p.value("lung.right.volume"), p.true_lung_ml(kRightLung),
              0.02 * p.true_lung_ml(kRightLung));
  EXPECT_LT(p.value("ground_glass.percent"), 0.5);
  EXPECT_LT(p.value("consolidation.percent"), 0.5);
  EXPECT_LT(p.value("pleural_effusion.total.volume"), 5);
  EXPECT_LT(p.value("pneumothorax.total.volume"), 5);
}

/// Ground glass in the left lung, consolidation in the right one.
struct Scene {
  const char* name;
  double glass_ml, dense_ml;
  intake::PhantomThird third;
};

class OpacityVolume : public ::testing::TestWithParam<Scene> {};

TEST_P(OpacityVolume, IsWithinTenPercentInItsLungAndThird) {
  const Scene& scene = GetParam();
  const PhantomMeasured p = PhantomMeasured::lungs(
      {.ground_glass = {{scene.glass_ml, intake::PhantomSide::left, scene.third}},
       .consolidation = {{scene.dense_ml, intake::PhantomSide::right, scene.third}}},
      3);
  const auto expect = [&](const std::string& id, std::uint8_t label, const char* side,
                          const char* other_side) {
    const double ml = p.true_finding_ml(label);
    EXPECT_NEAR(p.value(id + ".volume"), ml, 0.1 * ml);
    EXPECT_GT(p.value(id + side), 0.5);
    EXPECT_LT(p.value(id + other_side), 0.1);
    const std::array<const char*, 3> thirds{".upper.percent", ".middle.percent", ".lower.percent"};
    const auto place = static_cast<std::size_t>(scene.third);
    for (std::size_t k = 0; k < thirds.size(); ++k)
      EXPECT_GE(p.value(id + thirds[place]), p.value(id + thirds[k])) << id;
  };
  expect("ground_glass", kGroundGlass, ".left.percent", ".right.percent");
  expect("consolidation", kConsolidation, ".right.percent", ".left.percent");
}

INSTANTIATE_TEST_SUITE_P(Phantoms, OpacityVolume,
                         ::testing::Values(Scene{"small", 20, 20, intake::PhantomThird::middle},
                                           Scene{"medium", 50, 80, intake::PhantomThird::upper},
                                           Scene{"large", 150, 200, intake::PhantomThird::middle}),
                         [](const auto& scene) { return scene.param.name; });

TEST(SlowOpacity, VesselsDoNotCarryGroundGlassOutOfItself) {
  const PhantomMeasured p = PhantomMeasured::lungs(
      {.body_scale = 0.9,
       .seed = 2,
       .noise_hu = 20,
       .ground_glass = {{50, intake::PhantomSide::left, intake::PhantomThird::middle}}},
      2.5);
  const double truth = p.true_finding_ml(kGroundGlass);
  EXPECT_NEAR(p.value("ground_glass.volume"), truth, 0.06 * truth);
}

TEST(SlowOpacity, ConsolidationOnTheDiaphragmIsWithinTenPercentAndTheHeartIsNone) {
  const PhantomMeasured p = PhantomMeasured::lungs(
      {.consolidation = {{100, intake::PhantomSide::left, intake::PhantomThird::lower}},
       .cardiothoracic_ratio = 0.6},
      3);
  EXPECT_NEAR(p.value("consolidation.volume"), p.true_finding_ml(kConsolidation),
              0.1 * p.true_finding_ml(kConsolidation));
}

TEST(SlowOpacity, ALargeConsolidationOnTheDiaphragmLosesNoneToIt) {
  const PhantomMeasured p = PhantomMeasured::lungs(
      {.body_scale = 1.1,
       .seed = 3,
       .noise_hu = 10,
       .kernel = intake::PhantomKernel::sharp,
       .consolidation = {{150, intake::PhantomSide::left, intake::PhantomThird::lower}}},
      5);
  EXPECT_NEAR(p.value("consolidation.volume"), p.true_finding_ml(kConsolidation),
              0.1 * p.true_finding_ml(kConsolidation));
}

TEST(SlowOpacity, GroundGlassAndConsolidationAreMeasuredAndPlaced) {
  const PhantomMeasured p(
      {.ground_glass = {{150, intake::PhantomSide::left, intake::PhantomThird::upper}},
       .consolidation = {{250, intake::PhantomSide::right, intake::PhantomThird::middle}}});
  EXPECT_NEAR(p.value("ground_glass.volume"), p.true_finding_ml(kGroundGlass),
              0.1 * p.true_finding_ml(kGroundGlass));
  EXPECT_NEAR(p.value("consolidation.volume"), p.true_finding_ml(kConsolidation),
              0.1 * p.true_finding_ml(kConsolidation));
  EXPECT_GT(p.value("ground_glass.left.percent"), 1);
  EXPECT_LT(p.value("ground_glass.right.percent"), 0.2);
  EXPECT_GT(p.value("consolidation.right.percent"), 3);
  EXPECT_LT(p.value("consolidation.left.percent"), 0.2);
  EXPECT_GT(p.value("consolidation.middle.percent"), p.value("consolidation.upper.percent"));
  // Dense lung belongs to the lung field.
  EXPECT_NEAR(p.value("lung.right.volume"), p.true_lung_ml(kRightLung),
              0.03 * p.true_lung_ml(kRightLung));
  // The list of regions names the same places, largest first.
  ASSERT_FALSE(p.measured.regions.empty());
  const Region& first = p.measured.regions.front();
  EXPECT_EQ(first.label, kConsolidation);
  EXPECT_EQ(first.side, Side::right);
  EXPECT_EQ(first.place.where.en.substr(0, 10), "right lung");
  EXPECT_NEAR(first.volume_ml, p.value("consolidation.volume"),
              0.1 * p.value("consolidation.volume"));
}

}  // namespace
}  // namespace thorax::measure
