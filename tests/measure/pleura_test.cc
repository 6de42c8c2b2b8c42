#include "measure/pleura.h"

#include <gtest/gtest.h>

#include "phantom_measured.h"

namespace thorax::measure {
namespace {

using intake::PhantomSide;
using testing::PhantomMeasured;

/// What is painted where, and in which slices.
struct Scene {
  const char* name;
  double slice_mm;
  std::vector<intake::PhantomRegion> effusion, pneumothorax;
  double noise_hu = 12;
};

class PleuralVolume : public ::testing::TestWithParam<Scene> {};

TEST_P(PleuralVolume, IsWithin15PercentOfTheTruthOnItsSide) {
  const Scene& scene = GetParam();
  const PhantomMeasured p = PhantomMeasured::lungs(
      {.noise_hu = scene.noise_hu, .effusion = scene.effusion, .pneumothorax = scene.pneumothorax},
      scene.slice_mm);
  const auto expect = [&](const char* left, const char* right, std::uint8_t label) {
    const double left_ml = p.true_finding_ml(label, kLeftLung);
    const double right_ml = p.true_finding_ml(label, kRightLung);
    EXPECT_NEAR(p.value(left), left_ml, 0.15 * left_ml);
    EXPECT_NEAR(p.value(right), right_ml, 0.15 * right_ml);
  };
  expect("pleural_effusion.left.volume", "pleural_effusion.right.volume", kPleuralEffusion);
  expect("pneumothorax.left.volume", "pneumothorax.right.volume", kPneumothorax);
  for (const std::uint8_t side : {kLeftLung, kRightLung})
    EXPECT_NEAR(p.value(side == kLeftLung ? "lung.left.volume" : "lung.right.volume"),
                p.true_lung_ml(side), 0.02 * p.true_lung_ml(side));
}

constexpr PhantomSide kLeft = PhantomSide::left, kRight = PhantomSide::right;

INSTANTIATE_TEST_SUITE_P(
    Phantoms, PleuralVolume,
    ::testing::Values(Scene{"healthy", 3, {}, {}},
                      Scene{"fifty_on_each_side", 3, {{50, kRight}}, {{50, kLeft}}},
                      Scene{"hundred_under_noise", 2, {{100, kLeft}}, {{100, kRight}}, 25},
                      Scene{"both_on_one_side", 3, {{300, kLeft}}, {{300, kLeft}}},
                      Scene{"large", 3, {{800, kRight}}, {{800, kLeft}}}),
    [](const auto& scene) { return scene.param.name; });

TEST(SlowPleura, LayersBelowTheLimitOfDetectionAreNotOverstated) {
  const PhantomMeasured p = PhantomMeasured::lungs(
      {.effusion = {{20, PhantomSide::right}}, .pneumothorax = {{20, PhantomSide::left}}}, 3);
  EXPECT_LT(p.value("pleural_effusion.total.volume"), 23);
  EXPECT_LT(p.value("pneumothorax.total.volume"), 23);
}

TEST(SlowPleura, FluidIsNoConsolidationAndHoldsNoNodule) {
  const PhantomMeasured p({.effusion = {{400, PhantomSide::right}}}, 3);
  EXPECT_LT(p.value("consolidation.volume"), 5);
  for (const Nodule& nodule : p.measured.nodules) {
    const auto& [z, y, x] = nodule.place.voxel;
    EXPECT_NE(p.measured.findings(z, y, x), kPleuralEffusion);
  }
}

TEST(Pleura, BullaeAtTheWallAreNoPneumothorax) {
  const PhantomMeasured p({.seed = 3, .emphysema_percent = 30, .bullae = true});
  EXPECT_EQ(p.value("pneumothorax.total.volume"), 0);
  EXPECT_NEAR(p.value("emphysema.laa950.percent"),
              p.phantom.truth["emphysema"]["laa950_percent"].get<double>(), 1);
}

TEST(SlowPleura, BullaeSideBySideInALargeSharpScanAreNoneEither) {
  const PhantomMeasured p = PhantomMeasured::lungs({.body_scale = 1.1,
                                                    .seed = 3,
                                                    .noise_hu = 10,
                                                    .kernel = intake::PhantomKernel::sharp,
                                                    .emphysema_percent = 30,
                                                    .bullae = true},
                                                   5);
  EXPECT_EQ(p.value("pneumothorax.total.volume"), 0);
}

TEST(SlowPleura, AThinPneumothoraxIsSeenOnThickSharpSlices) {
  const PhantomMeasured p = PhantomMeasured::lungs({.body_scale = 1.1,
                                                    .seed = 3,
                                                    .noise_hu = 10,
                                                    .kernel = intake::PhantomKernel::sharp,
                                                    .pneumothorax = {{50, PhantomSide::left}}},
                                                   5);
  const double truth = p.true_finding_ml(kPneumothorax);
  EXPECT_NEAR(p.value("pneumothorax.left.volume"), truth, 0.15 * truth);
}

}  // namespace
}  // namespace thorax::measure
