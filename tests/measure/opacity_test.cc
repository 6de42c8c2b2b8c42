#include "measure/opacity.h"

#include <gtest/gtest.h>

#include "phantom_measured.h"

namespace thorax::measure {
namespace {

using testing::PhantomMeasured;

TEST(Opacity, HealthyLungHasNoneAndTheFieldsAreRight) {
  const PhantomMeasured p(intake::PhantomOptions{});
  EXPECT_NEAR(p.value("lung.left.volume"), p.true_lung_ml(kLeftLung),
              0.02 * p.true_lung_ml(kLeftLung));
  EXPECT_NEAR(p.value("lung.right.volume"), p.true_lung_ml(kRightLung),
              0.02 * p.true_lung_ml(kRightLung));
  EXPECT_LT(p.value("ground_glass.percent"), 0.5);
  EXPECT_LT(p.value("consolidation.percent"), 0.5);
  EXPECT_LT(p.value("pleural_effusion.total.volume"), 5);
  EXPECT_LT(p.value("pneumothorax.total.volume"), 5);
}

TEST(Opacity, GroundGlassAndConsolidationAreMeasuredAndPlaced) {
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
