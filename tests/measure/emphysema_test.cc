#include "measure/emphysema.h"

#include <gtest/gtest.h>

#include "measure/lungs_texts.h"
#include "painted_chest.h"

namespace thorax::measure {
namespace {

using testing::ellipsoid;
using testing::PaintedChest;

TEST(Emphysema, IndexIsWithinOnePointOfThePaintedShare) {
  PaintedChest chest;
  // Lumps of destroyed lung on a lattice in both upper halves.
  const auto destroyed = [](volume::Vec3 p) {
    if (p.z < 0) return false;
    const auto wrap = [](double v) { return v - 16 * std::round(v / 16); };
    return std::hypot(wrap(p.x), wrap(p.y), wrap(p.z)) < 6 &&
           (PaintedChest::left(p) < 1 || PaintedChest::right(p) < 1);
  };
  chest.paint(destroyed, -985);
  const double truth =
      100 * chest.lung_ml(destroyed) / (chest.ml(kLeftLung) + chest.ml(kRightLung));
  ASSERT_GT(truth, 8);
  const CtMeasurements m = measure_ct(chest.hu, {});
  EXPECT_NEAR(*m.values.value("emphysema.laa950.percent"), truth, 1);
  EXPECT_NEAR(*m.values.value("emphysema.laa910.percent"), truth, 1);
  EXPECT_NEAR(*m.values.value("emphysema.largest_cluster.ml"), 4.0 / 3 * 3.1416 * 0.216, 0.2);
}

TEST(Emphysema, HealthyLungHasNone) {
  const CtMeasurements& m = testing::measured_healthy_chest();
  EXPECT_LT(*m.values.value("emphysema.laa950.percent"), 0.1);
  EXPECT_NEAR(*m.values.value("emphysema.perc15.hu"), -870, 3);
  EXPECT_EQ(m.values.find("emphysema.laa950.percent")->reliability, Reliability::good);
}

TEST(Emphysema, TrustFollowsKernelThicknessNoiseAndContrast) {
  EXPECT_EQ(density_trust({.slice_thickness_mm = 1, .kernel = "STANDARD"}).reliability,
            Reliability::good);
  EXPECT_EQ(density_trust({.slice_thickness_mm = 5, .kernel = "B"}).reliability,
            Reliability::limited);
  EXPECT_EQ(density_trust({.contrast = true}).reliability, Reliability::limited);
  EXPECT_EQ(density_trust({.noise_hu = 60}).reliability, Reliability::weak);
  const Trust both = density_trust({.slice_thickness_mm = 5, .kernel = "LUNG"});
  EXPECT_NE(both.caveat.en.find("kernel"), std::string::npos);
  EXPECT_NE(both.caveat.en.find("slices"), std::string::npos);
}

TEST(Emphysema, SharpKernelsAreKnownByTheMakersNames) {
  for (const char* sharp : {"LUNG", "BONEPLUS", "B70f", "Br64d", "FC51", "L", "YB"})
    EXPECT_TRUE(is_sharp_kernel(sharp)) << sharp;
  for (const char* soft : {"STANDARD", "SOFT", "B30f", "Br38f", "FC13", "B", "", "['Br38f', '3']"})
    EXPECT_FALSE(is_sharp_kernel(soft)) << soft;
}

TEST(Emphysema, HighAttenuationAreasAreTheShareBetweenTheirLimits) {
  PaintedChest chest;
  const auto dense = [](volume::Vec3 p) { return ellipsoid(p, {72, 20, 0}, {30, 30, 40}) < 1; };
  chest.paint(dense, -450);
  const double truth = 100 * chest.lung_ml(dense) / (chest.ml(kLeftLung) + chest.ml(kRightLung));
  EXPECT_NEAR(*measure_ct(chest.hu, {}).values.value("haa.percent"), truth, 0.7);
}

}  // namespace
}  // namespace thorax::measure
