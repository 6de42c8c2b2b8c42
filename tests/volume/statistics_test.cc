#include "volume/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "volume/filter.h"
#include "volume/window.h"

namespace thorax::volume {
namespace {

CtVolume ramp(int n) {
  CtVolume out({{1, 1, n}, {1, 1, 1}, {0, 0, 0}});
  std::iota(out.voxels().begin(), out.voxels().end(), std::int16_t{0});
  return out;
}

TEST(Statistics, Moments) {
  const Moments m = moments(ramp(5));
  EXPECT_EQ(m.count, 5U);
  EXPECT_DOUBLE_EQ(m.mean, 2);
  EXPECT_DOUBLE_EQ(m.deviation, std::sqrt(2.0));
  EXPECT_EQ(m.high, 4);
  const Mask none(Grid{{1, 1, 5}, {1, 1, 1}, {}});
  const CtVolume values = ramp(5);
  EXPECT_EQ(moments(values, &none).count, 0U);
}

TEST(Statistics, HistogramSharesAndPercentiles) {
  const HuHistogram h = histogram(ramp(100));
  EXPECT_DOUBLE_EQ(h.share_below(25), 0.25);
  EXPECT_DOUBLE_EQ(h.share_above(89), 0.10);
  EXPECT_NEAR(h.percentile(50), 49.5, 1e-9);
  EXPECT_DOUBLE_EQ(h.mean(), 49.5);
  EXPECT_TRUE(std::isnan(HuHistogram().percentile(50)));
}

TEST(Statistics, HistogramClampsToItsEnds) {
  HuHistogram h(-10, 10);
  h.add(-500);
  h.add(500);
  EXPECT_EQ(h.counts().front(), 1U);
  EXPECT_EQ(h.counts().back(), 1U);
}

TEST(Filter, GaussianSpreadsAnImpulseAndKeepsItsSum) {
  Volume<float> impulse({{21, 21, 21}, {1, 1, 1}, {0, 0, 0}});
  impulse(10, 10, 10) = 1000;
  const Volume<float> out = gaussian(impulse, 2.0);
  double sum = 0;
  for (const float v : out.voxels()) sum += static_cast<double>(v);
  EXPECT_NEAR(sum, 1000, 0.5);
  EXPECT_NEAR(static_cast<double>(out(10, 10, 12) / out(10, 10, 10)), std::exp(-0.5), 1e-3);
}

TEST(Filter, GaussianLeavesACoarseAxisAlone) {
  CtVolume slices({{3, 1, 1}, {1, 1, 10}, {0, 0, 0}});
  slices(1, 0, 0) = 100;
  const CtVolume out = gaussian(slices, 2.0);
  EXPECT_EQ(out(1, 0, 0), 100);
  EXPECT_EQ(out(0, 0, 0), 0);
}

TEST(Filter, MedianRemovesALonePixel) {
  CtVolume flat({{1, 5, 5}, {1, 1, 1}, {0, 0, 0}}, 7);
  flat(0, 2, 2) = 1000;
  const CtVolume out = median_axial(flat);
  for (const std::int16_t v : out.voxels()) EXPECT_EQ(v, 7);
}

TEST(Window, MapsItsEndsAndClamps) {
  EXPECT_EQ(apply_window(-1350, kLungWindow), 0);
  EXPECT_EQ(apply_window(150, kLungWindow), 255);
  EXPECT_EQ(apply_window(-600, kLungWindow), 128);
  EXPECT_EQ(apply_window(5000, kLungWindow), 255);
}

}  // namespace
}  // namespace thorax::volume
