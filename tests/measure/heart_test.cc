#include "measure/heart.h"

#include <gtest/gtest.h>

#include "measure/aorta.h"
#include "measure/heart_region.h"
#include "measure/slice_path.h"
#include "measure/spine.h"
#include "small_phantom.h"

namespace thorax::measure {
namespace {

using testing::healthy_phantom;
using testing::lungs_only;
using testing::small_phantom_options;

struct Measured {
  volume::Labels anatomy, findings;
  Measurements values;
  std::vector<Region> regions;
};

Measured measure(const intake::Phantom& phantom, const CtContext& context = {}) {
  Measured m;
  m.anatomy = lungs_only(phantom.anatomy);
  m.findings = volume::Labels(phantom.hu.grid());
  measure_spine(phantom.hu, m.anatomy, context, m.values);
  measure_heart(phantom.hu, m.anatomy, m.values, m.regions, m.findings, context);
  return m;
}

// One phantom with everything, painted once.
const intake::Phantom& sick_phantom() {
  static const intake::Phantom phantom = [] {
    auto options = small_phantom_options();
    options.cardiothoracic_ratio = 0.58;
    options.coronary_calcium_mm3 = 600;
    options.aortic_calcium_mm3 = 1500;
    options.calcium_hu = 900;
    return intake::make_phantom(options);
  }();
  return phantom;
}

TEST(Heart, MeasuresTheRatioAndMarksHeartAndAorta) {
  const Measured m = measure(healthy_phantom());
  ASSERT_NE(m.values.find("heart.ctr"), nullptr);
  EXPECT_NEAR(*m.values.value("heart.ctr"), healthy_phantom().truth["cardiothoracic_ratio"], 0.03);
  EXPECT_NEAR(*m.values.value("heart.volume"), healthy_phantom().truth["heart"]["volume_ml"], 150);
  EXPECT_EQ(m.values.find("heart.volume")->reliability, Reliability::weak);
  EXPECT_GT(testing::precision(m.anatomy, healthy_phantom().anatomy, kHeart), 0.8);
  EXPECT_GT(testing::precision(m.anatomy, healthy_phantom().anatomy, kAorta), 0.6);
}

TEST(Heart, HealthyMeansNoCalciumAndNoEffusion) {
  const Measured m = measure(healthy_phantom());
  EXPECT_EQ(m.values.value("coronary_calcium.agatston"), 0);
  EXPECT_EQ(m.values.value("aorta.calcium.agatston"), 0);
  EXPECT_EQ(m.values.value("pericardial_effusion.volume"), 0);
  EXPECT_TRUE(m.regions.empty());
}

TEST(Heart, SeesALargeHeartAndCalcium) {
  const Measured m = measure(sick_phantom());
  EXPECT_NEAR(*m.values.value("heart.ctr"), sick_phantom().truth["cardiothoracic_ratio"], 0.04);
  EXPECT_GT(*m.values.value("coronary_calcium.agatston"), 100);
  EXPECT_GT(*m.values.value("aorta.calcium.agatston"), 300);
  std::size_t coronary = 0, right = 0;
  const auto& truth = sick_phantom().findings;
  for (std::size_t i = 0; i < truth.size(); ++i)
    if (m.findings[i] == kCoronaryCalcification) {
      ++coronary;
      right += truth[i] == kCoronaryCalcification;
    }
  EXPECT_GT(right, coronary / 3) << "partial volume makes plaques look larger, not elsewhere";
  ASSERT_EQ(m.regions.size(), 2U);
  EXPECT_EQ(m.regions[0].label, kCoronaryCalcification);
  EXPECT_EQ(m.regions[1].label, kAorticCalcification);
  const auto& v = m.regions[1].place.voxel;
  EXPECT_EQ(m.findings(v[0], v[1], v[2]), kAorticCalcification);
}

TEST(Heart, CalciumIsNotScoredWithContrastMedium) {
  CtContext context;
  context.contrast = true;
  const Measured m = measure(sick_phantom(), context);
  EXPECT_EQ(m.values.find("coronary_calcium.agatston"), nullptr);
  EXPECT_EQ(m.values.find("aorta.calcium.agatston"), nullptr);
  EXPECT_NE(m.values.find("heart.ctr"), nullptr);
}

struct Effusion {
  const char* name;
  double ml;
  int size;
  double slice_mm;
};

class PericardialVolume : public ::testing::TestWithParam<Effusion> {};

TEST_P(PericardialVolume, IsWithin15PercentOfTheTruth) {
  intake::PhantomOptions options;
  options.size = GetParam().size;
  options.slice_mm = GetParam().slice_mm;
  options.noise_hu = 12;
  options.pericardial_ml = GetParam().ml;
  const auto phantom = intake::make_phantom(options);
  const Measured m = measure(phantom);
  const double truth = phantom.truth["findings"][0]["volume_ml"];
  EXPECT_NEAR(*m.values.value("pericardial_effusion.volume"), truth, 0.15 * truth);
  // Layers of two voxels cannot be hit much better than by half.
  EXPECT_GT(testing::precision(m.findings, phantom.findings, kPericardialEffusion), 0.5);
  EXPECT_EQ(m.values.find("pericardial_effusion.volume")->reliability, Reliability::weak);
  ASSERT_FALSE(m.regions.empty());
  EXPECT_EQ(m.regions[0].label, kPericardialEffusion);
}

INSTANTIATE_TEST_SUITE_P(Phantoms, PericardialVolume,
                         ::testing::Values(Effusion{"sixty", 60, 320, 2.5},
                                           Effusion{"hundred_and_twenty", 120, 320, 3},
                                           Effusion{"three_hundred", 300, 256, 3}),
                         [](const auto& effusion) { return effusion.param.name; });

TEST(Heart, SeesFluidOnMuscleWithoutFat) {
  intake::PhantomOptions options;
  options.size = 256;
  options.slice_mm = 3;
  options.pericardial_ml = 300;
  auto phantom = intake::make_phantom(options);
  for (std::size_t i = 0; i < phantom.hu.size(); ++i)
    if (phantom.anatomy[i] == kHeart && phantom.findings[i] != kPericardialEffusion &&
        phantom.hu[i] > -300 && phantom.hu[i] < 20)
      phantom.hu[i] = 48;
  const double truth = phantom.truth["findings"][0]["volume_ml"];
  EXPECT_NEAR(*measure(phantom).values.value("pericardial_effusion.volume"), truth, 0.15 * truth);
}

TEST(Heart, NothingWithoutLungs) {
  Measured m;
  m.anatomy = volume::Labels(healthy_phantom().hu.grid());
  m.findings = volume::Labels(healthy_phantom().hu.grid());
  measure_heart(healthy_phantom().hu, m.anatomy, m.values, m.regions, m.findings, {});
  EXPECT_TRUE(m.values.all().empty());
}

TEST(Aorta, RadiusOfThePhantomsDescendingAorta) {
  auto anatomy = lungs_only(healthy_phantom().anatomy);
  Measurements values;
  measure_spine(healthy_phantom().hu, anatomy, {}, values);
  const auto heart = find_heart(healthy_phantom().hu, anatomy);
  const Aorta aorta = find_aorta(heart, find_spine(healthy_phantom().hu, anatomy));
  ASSERT_FALSE(aorta.descending.empty());
  int inside = 0;
  for (const auto& c : aorta.descending) {
    const auto at = healthy_phantom().hu.grid().index(c.centre);
    inside += healthy_phantom().anatomy(static_cast<int>(std::lround(at[0])),
                                        static_cast<int>(std::lround(at[1])),
                                        static_cast<int>(std::lround(at[2]))) == kAorta;
  }
  EXPECT_GT(inside, 0.8 * static_cast<double>(aorta.descending.size()));
}

TEST(SlicePath, TakesTheDetourThatPays) {
  // Three slices of 1 x 5: staying at x = 0 gives 12; x = 2 in between 19 less 8 times the price.
  const std::vector<std::vector<float>> scores{{5, 0, 0, 0, 0}, {2, 0, 9, 0, 0}, {5, 0, 0, 0, 0}};
  EXPECT_EQ(best_path(scores, 1, 5, 1).points[1].x, 0);
  const SlicePath cheap = best_path(scores, 1, 5, 0.5F);
  EXPECT_EQ(cheap.points[1].x, 2);
  EXPECT_DOUBLE_EQ(cheap.mean_score, (19 - 4) / 3.0);
  EXPECT_TRUE(best_path({}, 1, 5, 1).points.empty());
}

}  // namespace
}  // namespace thorax::measure
