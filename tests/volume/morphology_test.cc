#include "volume/morphology.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "volume/distance.h"

namespace thorax::volume {
namespace {

TEST(Distance, EqualsThePlainSearch) {
  Mask mask({{7, 8, 9}, {0.7, 1.1, 2.5}, {0, 0, 0}});
  std::mt19937 random(5);
  for (auto& v : mask.voxels()) v = random() % 20 == 0;
  const Volume<float> fast = distance_to(mask);
  for (std::size_t i = 0; i < mask.size(); ++i) {
    double best = 1e9;
    for (std::size_t j = 0; j < mask.size(); ++j)
      if (mask[j])
        best = std::min(best, norm(mask.grid().position(mask.grid().at(i)) -
                                   mask.grid().position(mask.grid().at(j))));
    ASSERT_NEAR(static_cast<double>(fast[i]), best, 1e-4);
  }
}

TEST(Distance, EmptyMaskIsInfinitelyFar) {
  const Volume<float> far = distance_to(Mask({{2, 2, 2}, {1, 1, 1}, {}}));
  for (const float v : far.voxels()) EXPECT_TRUE(std::isinf(v));
}

// Morphology looks only at the box around a mask; what it gives has to be what the whole grid
// gives.
TEST(Morphology, IsWhatDistancesOfTheWholeGridSay) {
  std::mt19937 random(7);
  for (const int set : {0, 1, 5, 300}) {
    Mask mask({{20, 19, 37}, {2.5, 0.7, 1.1}, {}});
    for (int i = 0; i < set; ++i) mask[random() % mask.size()] = 1;
    if (set == 300) mask = dilate(mask, 3);
    Mask rest(mask.grid());
    for (std::size_t i = 0; i < mask.size(); ++i) rest[i] = !mask[i];
    const Volume<float> to_mask = distance_to(mask), to_rest = distance_to(rest);
    for (const double radius : {0.7, 2.0, 2.5, 6.0}) {
      const Mask grown = dilate(mask, radius), shrunk = erode(mask, radius);
      const float limit = static_cast<float>(radius) + 1e-4F;
      for (std::size_t i = 0; i < mask.size(); ++i) {
        ASSERT_EQ(grown[i] != 0, to_mask[i] <= limit) << set << ' ' << radius;
        ASSERT_EQ(shrunk[i] != 0, to_rest[i] > limit) << set << ' ' << radius;
      }
    }
  }
}

Mask ball(double radius_mm, const Grid& grid, Vec3 centre) {
  Mask mask(grid);
  for (std::size_t i = 0; i < mask.size(); ++i)
    mask[i] = norm(grid.position(grid.at(i)) - centre) <= radius_mm;
  return mask;
}

double equivalent_radius(const Mask& mask) {
  return std::cbrt(static_cast<double>(count(mask)) * 3 / 4 / M_PI);
}

TEST(Morphology, DilatingABallGrowsItsRadius) {
  const Grid grid{{41, 41, 41}, {1, 1, 1}, {-20, -20, -20}};
  const Mask grown = dilate(ball(6, grid, {}), 4);
  EXPECT_NEAR(equivalent_radius(grown), 10, 0.5);  // half a voxel: what the lattice allows
  EXPECT_NEAR(equivalent_radius(erode(grown, 4)), 6, 0.5);
}

TEST(Morphology, ClosingBridgesAndOpeningCuts) {
  Mask mask({{1, 1, 11}, {1, 1, 1}, {0, 0, 0}});
  for (int x = 0; x < 11; ++x) mask(0, 0, x) = x != 5;
  EXPECT_EQ(count(close(mask, 1)), 11U);
  Mask thin({{11, 11, 11}, {1, 1, 1}, {0, 0, 0}});
  for (int x = 0; x < 11; ++x) thin(5, 5, x) = 1;
  EXPECT_EQ(count(open(thin, 2)), 0U);
}

TEST(Morphology, ErosionDoesNotEatFromTheEdgeOfTheField) {
  const Mask full({{5, 5, 5}, {1, 1, 1}, {0, 0, 0}}, 1);
  EXPECT_EQ(count(erode(full, 2)), 125U);
}

TEST(Morphology, HolesInAndThroughSlices) {
  Mask tube({{3, 5, 5}, {1, 1, 1}, {0, 0, 0}}, 0);
  for (int z = 0; z < 3; ++z)
    for (int y = 1; y <= 3; ++y)
      for (int x = 1; x <= 3; ++x) tube(z, y, x) = y != 2 || x != 2;
  Mask solid = tube.clone();
  fill_holes(solid);
  EXPECT_EQ(count(solid), 24U);  // open at both ends: no hole in three dimensions
  fill_holes_axial(tube);
  EXPECT_EQ(count(tube), 27U);
  solid(0, 2, 2) = solid(2, 2, 2) = 1;
  fill_holes(solid);
  EXPECT_EQ(count(solid), 27U);
}

}  // namespace
}  // namespace thorax::volume
