#include "volume/resample.h"

#include <gtest/gtest.h>

namespace thorax::volume {
namespace {

double plane(Vec3 p) {
  return 3 * p.x - 2 * p.y + 5 * p.z;
}

CtVolume painted_plane(const Grid& grid) {
  CtVolume out(grid);
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<std::int16_t>(std::lround(plane(grid.position(grid.at(i)))));
  return out;
}

TEST(Resample, LinearReproducesALinearFunction) {
  const CtVolume source = painted_plane({{20, 24, 28}, {2, 3, 4}, {-10, 5, 7}});
  const Grid target{{9, 11, 13}, {3.3, 2.7, 2.1}, {2, 12, 13}};
  const CtVolume out = resample_linear(source, target);
  for (std::size_t i = 0; i < out.size(); ++i)
    ASSERT_NEAR(out[i], plane(target.position(target.at(i))), 1.0) << i;
}

TEST(Resample, OutsideTakesTheOutsideValue) {
  const CtVolume source = painted_plane({{4, 4, 4}, {1, 1, 1}, {0, 0, 0}});
  const CtVolume out = resample_linear(source, {{1, 1, 1}, {1, 1, 1}, {-5, 0, 0}}, -777);
  EXPECT_EQ(out[0], -777);
}

TEST(Resample, ShrinkMeanKeepsTheMean) {
  Grid grid{{7, 9, 11}, {0.7, 0.8, 2.5}, {0, 0, 0}};
  CtVolume source(grid, 100);
  const CtVolume flat = shrink_mean(source, isotropic_grid(grid, 2.0));
  for (const std::int16_t v : flat.voxels()) EXPECT_EQ(v, 100);
  const Grid cubes{{8, 8, 8}, {1, 1, 1}, {0, 0, 0}};
  const CtVolume ramp = painted_plane(cubes);
  const Grid halves = isotropic_grid(cubes, 2.0);
  EXPECT_EQ(halves.shape, (Shape{4, 4, 4}));
  const CtVolume half = shrink_mean(ramp, halves);
  for (std::size_t i = 0; i < half.size(); ++i)
    EXPECT_NEAR(half[i], plane(halves.position(halves.at(i))), 0.51);
}

TEST(Resample, IsotropicGridNeverRefinesWhenCoarsening) {
  const Grid grid = isotropic_grid({{10, 10, 10}, {0.5, 0.5, 5}, {0, 0, 0}}, 2.0);
  EXPECT_EQ(grid.shape, (Shape{10, 3, 3}));
  EXPECT_DOUBLE_EQ(grid.spacing.z, 5);
  EXPECT_DOUBLE_EQ(grid.origin.x, -0.25 + 1.0);
}

TEST(Resample, NearestKeepsLabels) {
  Labels labels({{2, 2, 2}, {1, 1, 1}, {0, 0, 0}});
  labels(1, 1, 1) = 7;
  const Labels fine = resample_nearest(labels, {{4, 4, 4}, {0.5, 0.5, 0.5}, {-0.25, -0.25, -0.25}});
  std::size_t sevens = 0;
  for (const auto v : fine.voxels()) sevens += v == 7;
  EXPECT_EQ(sevens, 8U);
}

TEST(Resample, CropKeepsPositions) {
  const CtVolume source = painted_plane({{6, 6, 6}, {1, 2, 3}, {4, 5, 6}});
  const CtVolume out = crop(source, {1, 2, 3}, {3, 5, 6});
  EXPECT_EQ(out.shape(), (Shape{2, 3, 3}));
  EXPECT_EQ(out(0, 0, 0), source(1, 2, 3));
  EXPECT_EQ(out.grid().position(0, 0, 0), source.grid().position(1, 2, 3));
  EXPECT_THROW(crop(source, {0, 0, 0}, {7, 1, 1}), Error);
}

}  // namespace
}  // namespace thorax::volume
