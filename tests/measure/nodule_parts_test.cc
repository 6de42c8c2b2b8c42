#include <gtest/gtest.h>

#include "measure/blob.h"
#include "measure/nodule_rank.h"
#include "measure/nodule_segment.h"
#include "measure/nodule_shape.h"
#include "nodule_scene.h"

namespace thorax::measure {
namespace {

using volume::Grid;
using volume::Mask;
using volume::Vec3;

Grid cube(int n, double mm) {
  Grid grid;
  grid.shape = {n, n, n};
  grid.spacing = {mm, mm, mm};
  return grid;
}

template <class F>
Mask painted(const Grid& grid, F&& inside) {
  Mask mask(grid);
  for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = inside(grid.position(grid.at(i)));
  return mask;
}

TEST(NoduleShape, ABallIsRoundAndAsLargeAsItIs) {
  const Grid grid = cube(40, 0.7);
  const Vec3 centre{14, 13.5, 13.8};
  const NoduleShape shape =
      measure_shape(painted(grid, [&](Vec3 p) { return norm(p - centre) <= 6; }));
  EXPECT_NEAR(shape.diameter_mm(), 12, 0.5);
  EXPECT_NEAR(shape.long_mm, shape.short_mm, 0.8);
  EXPECT_NEAR(shape.volume_mm3, M_PI / 6 * 12 * 12 * 12, 30);
  EXPECT_NEAR(shape.roundness, 1, 0.05);
  EXPECT_NEAR(norm(shape.centroid - centre), 0, 0.2);
}

TEST(NoduleShape, AxesOfAnObliqueEllipse) {
  const Grid grid = cube(40, 1);
  const Mask mask = painted(grid, [](Vec3 p) {
    const double u = ((p.x - 20) + (p.y - 20)) / std::sqrt(2.0),
                 v = ((p.x - 20) - (p.y - 20)) / std::sqrt(2.0), w = p.z - 20;
    return u * u / 144 + v * v / 36 + w * w / 36 <= 1;
  });
  const NoduleShape shape = measure_shape(mask);
  EXPECT_NEAR(shape.long_mm, 24, 1);
  EXPECT_NEAR(shape.short_mm, 12, 1);
  // Volume 4/3 pi 12 6 6 against a ball of radius 12.
  EXPECT_NEAR(shape.roundness, 0.25, 0.03);
  EXPECT_EQ(mask(shape.inside.z, shape.inside.y, shape.inside.x), 1);
}

TEST(NoduleShape, EmptyMaskIsAnError) {
  EXPECT_THROW(measure_shape(Mask(cube(3, 1))), Error);
}

TEST(Blobs, ABallAnswersARodAndAPlateDoNot) {
  const Grid grid = cube(64, 1);
  volume::CtVolume field(grid, -860);
  const auto paint = [&](auto&& inside) {
    for (std::size_t i = 0; i < field.size(); ++i)
      if (inside(grid.position(grid.at(i)))) field[i] = 40;
  };
  paint([](Vec3 p) { return norm(p - Vec3{15, 15, 15}) <= 4; });
  paint([](Vec3 p) { return std::hypot(p.x - 45, p.y - 15) <= 3; });
  paint([](Vec3 p) { return std::abs(p.y - 48) <= 2; });
  Mask everywhere(grid, 1);
  const auto blobs = find_blobs(field, everywhere, 40, 100);
  ASSERT_FALSE(blobs.empty());
  EXPECT_LT(norm(blobs[0].position - Vec3{15, 15, 15}), 1);
  EXPECT_NEAR(blobs[0].radius_mm, 4, 1.2);
  for (const Blob& b : blobs)
    if (norm(b.position - Vec3{15, 15, 15}) > 8) {
      EXPECT_LT(b.response, 0.4 * blobs[0].response);
    }
  Mask nowhere(grid);
  EXPECT_TRUE(find_blobs(field, nowhere, 40, 100).empty());
}

TEST(NoduleSegment, StopsAtHalfTheContrast) {
  testing::NoduleScene scene;
  scene.ball({0, 0, 0}, 9, 40);
  const auto segment = segment_nodule(scene.hu, scene.anatomy, {{1, 0, 0.5}, 4, 100});
  ASSERT_TRUE(segment);
  EXPECT_NEAR(segment->threshold_hu, (40 + testing::NoduleScene::kLungHu) / 2, 40);
  EXPECT_NEAR(segment->inscribed_mm, 4.5, 0.8);
  EXPECT_EQ(segment->exits, 0U);
  EXPECT_EQ(segment->wall, 0U);
}

TEST(NoduleSegment, NothingInAir) {
  testing::NoduleScene scene;
  EXPECT_FALSE(segment_nodule(scene.hu, scene.anatomy, {{0, 0, 0}, 4, 100}));
}

TEST(NoduleRank, EveryFactorCounts) {
  NoduleFeatures good;
  good.diameter_mm = 10;
  good.roundness = 0.9;
  good.contrast_hu = 880;
  good.core_hu = 30;
  good.vessel_hu = 220;
  good.hilum_distance = 2;
  const double best = rank_score(good);
  EXPECT_GT(best, 0.5);
  EXPECT_LE(best, 1);
  const auto worse = [&](auto&& change) {
    NoduleFeatures f = good;
    change(f);
    return rank_score(f);
  };
  EXPECT_LT(worse([](auto& f) { f.diameter_mm = 5; }), best);
  EXPECT_LT(worse([](auto& f) { f.roundness = 0.4; }), best);
  EXPECT_LT(worse([](auto& f) { f.exit_share = 0.3; }), best);
  EXPECT_LT(worse([](auto& f) { f.wall_share = 0.8; }), best);
  EXPECT_EQ(worse([](auto& f) { f.wall_share = 0.4; }), best) << "a hemisphere on the pleura";
  EXPECT_LT(worse([](auto& f) { f.contrast_hu = 250; }), best);
  EXPECT_LT(worse([](auto& f) { f.core_hu = 210; }), 0.5 * best) << "as bright as the vessels";
  EXPECT_EQ(worse([](auto& f) { f.core_hu = 700; }), best) << "brighter: calcium";
  EXPECT_LT(worse([](auto& f) { f.core_hu = -80; }), 0.5 * best) << "fat";
  EXPECT_LT(worse([](auto& f) { f.slice_mm = 10; }), best);
  EXPECT_LT(worse([](auto& f) { f.hilum_distance = 0; }), best);
}

}  // namespace
}  // namespace thorax::measure
