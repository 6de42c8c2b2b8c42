#include "quality/quality.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "ct_cases.h"
#include "quality/body_content.h"
#include "quality/noise.h"
#include "volume/filter.h"

namespace thorax::quality {
namespace {

intake::Series series_with(double thickness, const std::string& kernel = {}) {
  intake::Series series;
  series.header = ct_header();
  series.header.kernel = kernel;
  series.instances.resize(1);
  series.instances[0].slice_thickness = thickness;
  return series;
}

bool gave(const std::vector<Notice>& notices, Code code) {
  return std::any_of(notices.begin(), notices.end(),
                     [&](const Notice& n) { return n.code == code; });
}

/// A body of water with two lungs in air, 1 mm pixels, 5 mm slices; its noise is blurred by
/// `blur_mm` and has the deviation `noise` afterwards.
intake::LoadedVolume noisy_body(double noise, double blur_mm, double heart = 40) {
  const volume::Grid grid{{50, 300, 360}, {1, 1, 5}, {-180, -150, 0}};
  std::mt19937 random(5);
  std::normal_distribution<double> normal(0, 1000);
  volume::CtVolume grain(grid);
  for (std::int16_t& v : grain.voxels()) v = static_cast<std::int16_t>(normal(random));
  if (blur_mm > 0) grain = volume::gaussian(grain, blur_mm);
  double sum = 0;
  for (const std::int16_t v : grain.voxels()) sum += static_cast<double>(v) * v;
  const double scale = noise / std::sqrt(sum / static_cast<double>(grain.size()));
  volume::CtVolume hu(grid);
  for (std::size_t i = 0; i < hu.size(); ++i) {
    const volume::Vec3 p = grid.position(grid.at(i));
    double value = -1000;
    if (inside({p.x, p.y, 0}, {0, 0, 0}, {160, 110, 1})) value = 40;
    if (inside(p, {0, -20, 100}, {50, 50, 70})) value = heart;
    for (const double x : {-90.0, 90.0})
      if (inside(p, {x, 0, 120}, {50, 75, 110})) value = -850;
    hu[i] = static_cast<std::int16_t>(std::lround(value + scale * grain[i]));
  }
  return loaded(std::move(hu));
}

TEST(Noise, IsTheDeviationThatWasAdded) {
  for (const double noise : {6.0, 20.0, 60.0}) {
    const intake::LoadedVolume ct = noisy_body(noise, 0);
    const NoiseReport report = measure_noise(ct, survey_lungs(ct));
    ASSERT_TRUE(report.soft_tissue_hu.has_value());
    EXPECT_NEAR(*report.soft_tissue_hu, noise, 0.1 * noise);
    EXPECT_LT(*report.correlation_mm, 0.6);
  }
}

TEST(Noise, OfASoftKernelIsAlikeOverALongerDistance) {
  double shorter = 0;
  for (const double blur : {0.0, 0.6, 1.2}) {
    const intake::LoadedVolume ct = noisy_body(15, blur);
    const NoiseReport report = measure_noise(ct, survey_lungs(ct));
    ASSERT_TRUE(report.correlation_mm.has_value());
    if (blur > 0) {
      // White noise blurred by a Gaussian of sigma s: correlation exp(-d^2 / (4 s^2)), so L = 2 s.
      // Blocks of 6 mm hide a part of longer ones.
      EXPECT_NEAR(*report.correlation_mm, 2 * blur, 0.3 * 2 * blur);
      EXPECT_GT(*report.correlation_mm, shorter);
    }
    shorter = *report.correlation_mm;
  }
}

TEST(Quality, MeasuresAPhantom) {
  const intake::LoadedVolume ct = phantom_chest();
  const LungSurvey lungs = survey_lungs(ct);
  const QualityReport report = measure_quality(series_with(4, "STANDARD"), ct, lungs);
  EXPECT_EQ(report.values.value("quality.slice.spacing"), 4);
  EXPECT_EQ(report.values.value("quality.slice.thickness"), 4);
  EXPECT_EQ(report.values.value("quality.lungs.coverage"), 100);
  EXPECT_NEAR(*report.values.value("quality.lungs.height"), 262, 20);
  EXPECT_LT(*report.values.value("quality.fov.body_cut"), 2);
  EXPECT_EQ(report.values.value("quality.fov.lung_cut"), 0);
  EXPECT_EQ(report.values.value("quality.metal"), 0);
  EXPECT_LT(*report.values.value("quality.contrast.heart"), 80);
  EXPECT_FALSE(report.values.value("quality.motion.displaced_slices"));  // slices are too thick
  for (const Code code : {"kernel_sharp"_code, "contrast_seen"_code, "slices_have_gaps"_code})
    EXPECT_FALSE(gave(report.notices, code));
  for (const Measurement& m : report.values.all()) {
    EXPECT_FALSE(m.name.ru.empty());
    EXPECT_FALSE(m.method.en.empty());
    EXPECT_FALSE(m.unit.empty());
  }
}

TEST(Quality, SaysContrastGapsSharpKernelsAndMetal) {
  intake::LoadedVolume ct = noisy_body(10, 0, 220);
  for (int z = 20; z < 24; ++z)
    for (int y = 100; y < 130; ++y)
      for (int x = 175; x < 185; ++x) ct.hu(z, y, x) = 3000;  // 6 mL
  const LungSurvey lungs = survey_lungs(ct);
  const QualityReport report = measure_quality(series_with(1), ct, lungs);
  EXPECT_NEAR(*report.values.value("quality.metal"), 6, 0.1);
  EXPECT_NEAR(*report.values.value("quality.contrast.heart"), 220, 15);
  for (const Code code :
       {"kernel_sharp"_code, "contrast_seen"_code, "slices_have_gaps"_code, "dense_material"_code})
    EXPECT_TRUE(gave(report.notices, code)) << catalogue(code).id;
  // A kernel that is known by its name is not guessed.
  EXPECT_FALSE(
      gave(measure_quality(series_with(1, "B30f"), ct, lungs).notices, "kernel_sharp"_code));
  EXPECT_TRUE(
      gave(measure_quality(series_with(1, "LUNG"), ct, lungs).notices, "kernel_sharp"_code));
}

TEST(Quality, FindsSlicesThatWereMovedSideways) {
  const volume::Grid grid{{100, 150, 180}, {2, 2, 2.5}, {-180, -150, 0}};
  volume::CtVolume hu(grid, -1000);
  for (std::size_t i = 0; i < hu.size(); ++i) {
    const volume::Index at = grid.at(i);
    volume::Vec3 p = grid.position(at);
    if (at.z % 12 == 6) p.x += 14;
    if (inside(p, {0, 0, 125}, {160, 110, 300})) hu[i] = 40;
    for (const double x : {-80.0, 80.0})
      if (inside(p, {x, 0, 125}, {55, 75, 115})) hu[i] = -850;
  }
  const intake::LoadedVolume ct = loaded(std::move(hu));
  const LungSurvey lungs = survey_lungs(ct);
  const auto steps = slice_steps(ct, lungs);
  ASSERT_TRUE(steps.has_value());
  EXPECT_GE(steps->displaced, 6);
  EXPECT_LE(steps->displaced, 10);
  EXPECT_TRUE(gave(measure_quality(series_with(2.5), ct, lungs).notices, "motion_suspected"_code));
}

TEST(Quality, ATableUnderTheBackIsNoPartOfTheBody) {
  intake::LoadedVolume ct = noisy_body(5, 0.6);
  for (int z = 0; z < ct.hu.shape().z; ++z)
    for (int y = 258; y < 264; ++y)
      for (int x = 0; x < ct.hu.shape().x; ++x) ct.hu(z, y, x) = 100;
  EXPECT_EQ(survey_lungs(ct).body_cut_percent, 0);
}

}  // namespace
}  // namespace thorax::quality
