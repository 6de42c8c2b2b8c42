#include "measure/pleura.h"

#include <gtest/gtest.h>

#include "phantom_measured.h"

namespace thorax::measure {
namespace {

using intake::PhantomSide;
using testing::PhantomMeasured;

TEST(Pleura, EffusionIsMeasuredOnItsSideAndBelongsToTheField) {
  const PhantomMeasured p({.effusion = {{400, PhantomSide::right}}});
  EXPECT_NEAR(p.value("pleural_effusion.right.volume"), p.true_finding_ml(kPleuralEffusion),
              0.15 * p.true_finding_ml(kPleuralEffusion));
  EXPECT_LT(p.value("pleural_effusion.left.volume"), 5);
  EXPECT_LT(p.value("consolidation.percent"), 1);
  EXPECT_NEAR(p.value("lung.right.volume"), p.true_lung_ml(kRightLung),
              0.03 * p.true_lung_ml(kRightLung));
  for (const Nodule& nodule : p.measured.nodules) {
    const auto& [z, y, x] = nodule.place.voxel;
    EXPECT_NE(p.measured.findings(z, y, x), kPleuralEffusion);
  }
}

TEST(Pleura, PneumothoraxIsMeasuredOnItsSideAndIsNoEmphysema) {
  const PhantomMeasured p({.pneumothorax = {{500, PhantomSide::left}}});
  EXPECT_NEAR(p.value("pneumothorax.left.volume"), p.true_finding_ml(kPneumothorax),
              0.15 * p.true_finding_ml(kPneumothorax));
  EXPECT_LT(p.value("pneumothorax.right.volume"), 5);
  EXPECT_LT(p.value("emphysema.laa950.percent"), 3);
  EXPECT_NEAR(p.value("lung.left.volume"), p.true_lung_ml(kLeftLung),
              0.03 * p.true_lung_ml(kLeftLung));
}

TEST(Pleura, BullaeAtTheWallAreNoPneumothorax) {
  const PhantomMeasured p({.emphysema_percent = 15, .bullae = true});
  EXPECT_LT(p.value("pneumothorax.total.volume"), 15);
  EXPECT_NEAR(p.value("emphysema.laa950.percent"),
              p.phantom.truth["emphysema"]["laa950_percent"].get<double>(), 1);
}

}  // namespace
}  // namespace thorax::measure
