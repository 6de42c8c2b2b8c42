#include "measure/airways.h"

#include <gtest/gtest.h>

#include "measure/lungs.h"
#include "painted_chest.h"

namespace thorax::measure {
namespace {

using testing::PaintedChest;

TEST(Airways, TracheaIsMeasuredAndIsNoLung) {
  const PaintedChest chest(1.5, 2.0, 10);
  const Airways airways = find_airways(chest.hu);
  CtMeasurements m;
  m.anatomy = refine_anatomy(chest.hu, find_lungs(chest.hu, airways), airways);
  add_airway_measurements(airways, m.anatomy, m.values);
  EXPECT_NEAR(m.values.value("airways.trachea.diameter").value_or(0), 18, 1);
  EXPECT_NEAR(m.values.value("airways.volume").value_or(0), chest.ml(kAirways),
              chest.ml(kAirways) * 0.05);
  std::size_t in_lung = 0;
  for (std::size_t i = 0; i < m.anatomy.size(); ++i)
    in_lung +=
        chest.truth[i] == kAirways && (m.anatomy[i] == kLeftLung || m.anatomy[i] == kRightLung);
  EXPECT_EQ(in_lung, 0U);
}

TEST(Airways, BronchiThatOpenIntoTheLungDoNotLeak) {
  PaintedChest chest(1.5, 2.0, 10);
  // Tubes of 11 mm from the end of the trachea into both lungs, without a wall inside the lung.
  const auto bronchus = [](volume::Vec3 p) {
    return std::abs(p.x) < 60 && std::hypot(p.y - 15, p.z - 20 + std::abs(p.x) * 0.5) < 5.5;
  };
  chest.paint(bronchus, -1000);
  const Airways airways = find_airways(chest.hu);
  ASSERT_FALSE(airways.lumen.empty());
  double ml = 0;
  for (const std::uint8_t v : airways.lumen.voxels()) ml += v;
  ml *= airways.lumen.grid().voxel_ml();
  EXPECT_FALSE(airways.leaked);
  EXPECT_GT(ml, chest.ml(kAirways) + 2);
  EXPECT_LT(ml, chest.ml(kAirways) + 25);
}

TEST(Airways, NoTracheaIsSaidByAnEmptyLumen) {
  volume::Grid grid;
  grid.shape = {40, 60, 60};
  grid.spacing = {3, 3, 3};
  const Airways airways = find_airways(volume::CtVolume(grid, 40));
  EXPECT_TRUE(airways.lumen.empty());
  Measurements values;
  add_airway_measurements(airways, volume::Labels(grid), values);
  EXPECT_TRUE(values.all().empty());
}

}  // namespace
}  // namespace thorax::measure
