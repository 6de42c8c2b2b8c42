#include <gtest/gtest.h>

#include <algorithm>

#include "painted_chest.h"

namespace thorax::measure {
namespace {

using testing::ellipsoid;
using testing::PaintedChest;

void expect_within(double value, double truth, double percent) {
  EXPECT_NEAR(value, truth, truth * percent / 100) << "truth " << truth;
}

void expect_volumes(const PaintedChest& chest, const CtMeasurements& m, double percent) {
  expect_within(m.values.value("lung.left.volume").value_or(0), chest.ml(kLeftLung), percent);
  expect_within(m.values.value("lung.right.volume").value_or(0), chest.ml(kRightLung), percent);
}

TEST(Lungs, VolumesAreWithinTwoPercentAndSidesAreThePatients) {
  const PaintedChest chest;
  const CtMeasurements& m = testing::measured_healthy_chest();
  expect_volumes(chest, m, 2);
  // LPS: x grows to the patient's left.
  const volume::Grid& grid = chest.hu.grid();
  const auto at = [&](double x) {
    const auto i = grid.index({x, 0, 0});
    return m.anatomy(static_cast<int>(i[0]), static_cast<int>(i[1]), static_cast<int>(i[2]));
  };
  EXPECT_EQ(at(72), kLeftLung);
  EXPECT_EQ(at(-72), kRightLung);
  EXPECT_NEAR(*m.values.value("lung.mean_hu"), -860, 12);
  int slices = 0;
  for (int z = 0; z < grid.shape.z; ++z) {
    const auto slice = chest.truth.slice(z);
    slices += std::find(slice.begin(), slice.end(), kLeftLung) != slice.end();
  }
  EXPECT_NEAR(*m.values.value("lung.left.height"), slices * grid.spacing.z, 4);
}

TEST(Lungs, VolumesHoldOnThickSlices) {
  const PaintedChest chest(1.6, 5.0, 20);
  expect_volumes(chest, measure_ct(chest.hu, {}), 2);
}

TEST(Lungs, TouchingLungsAreCutAtTheNarrowestPlace) {
  PaintedChest chest;
  // A bridge of lung in front, as where the anterior junction line is thinner than a voxel.
  chest.paint(
      [](volume::Vec3 p) {
        return std::abs(p.x) < 40 && std::abs(p.y + 40) < 7 && std::abs(p.z) < 50;
      },
      -860);
  chest.paint([](volume::Vec3 p) { return PaintedChest::left(p) < 1; }, -860, kLeftLung);
  chest.paint([](volume::Vec3 p) { return PaintedChest::right(p) < 1; }, -860, kRightLung);
  const CtMeasurements m = measure_ct(chest.hu, {});
  expect_volumes(chest, m, 5);  // the bridge itself goes to either
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < chest.truth.size(); ++i)
    wrong += (chest.truth[i] == kLeftLung && m.anatomy[i] == kRightLung) ||
             (chest.truth[i] == kRightLung && m.anatomy[i] == kLeftLung);
  EXPECT_LT(static_cast<double>(wrong) * chest.hu.grid().voxel_ml(), 5);
}

TEST(Lungs, GasBelowTheDiaphragmAndFoamUnderTheTableAreNoLung) {
  PaintedChest chest;
  const auto stomach = [](volume::Vec3 p) {
    return ellipsoid(p, {60, -30, -104}, {40, 35, 16}) < 1;
  };
  const auto foam = [](volume::Vec3 p) { return p.y > 134 && p.y < 150 && std::abs(p.x) < 150; };
  chest.paint(stomach, -995);
  chest.paint(foam, -930);
  const CtMeasurements m = measure_ct(chest.hu, {});
  expect_volumes(chest, m, 2);
  for (std::size_t i = 0; i < m.anatomy.size(); ++i) {
    const volume::Vec3 p = chest.hu.grid().position(chest.hu.grid().at(i));
    if (stomach(p) || foam(p)) {
      ASSERT_EQ(m.anatomy[i], kNoAnatomy);
    }
  }
}

TEST(Lungs, VesselsAndNodulesInsideBelongToTheLung) {
  PaintedChest chest;
  chest.paint([](volume::Vec3 p) { return std::hypot(p.x - 72, p.y) < 4 && std::abs(p.z) < 60; },
              50);
  chest.paint([](volume::Vec3 p) { return ellipsoid(p, {-72, 20, 10}, {12, 12, 12}) < 1; }, 30);
  // At the wall: half in the lung, on its posterior surface.
  const auto at_wall = [](volume::Vec3 p) {
    return ellipsoid(p, {-72, 70, 0}, {9, 9, 9}) < 1 && PaintedChest::right(p) < 1;
  };
  chest.paint(at_wall, 30);
  const CtMeasurements m = measure_ct(chest.hu, {});
  expect_volumes(chest, m, 2);
  double covered = 0, all = 0;
  for (std::size_t i = 0; i < m.anatomy.size(); ++i)
    if (at_wall(chest.hu.grid().position(chest.hu.grid().at(i)))) {
      ++all;
      covered += m.anatomy[i] == kRightLung;
    }
  EXPECT_GT(covered / all, 0.75);
}

TEST(Lungs, ABodyWithoutLungsHasNoLungNumbers) {
  PaintedChest chest;
  chest.paint([](volume::Vec3 p) { return ellipsoid({p.x, p.y, 0}, {}, {165, 112, 1}) < 1; }, 40);
  const CtMeasurements m = measure_ct(chest.hu, {});
  EXPECT_EQ(m.values.find("lung.total.volume"), nullptr);
  EXPECT_EQ(m.values.find("emphysema.laa950.percent"), nullptr);
  EXPECT_EQ(m.anatomy.size(), chest.hu.size());
}

}  // namespace
}  // namespace thorax::measure
