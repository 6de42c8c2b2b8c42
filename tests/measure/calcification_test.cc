#include "measure/calcification.h"

#include <gtest/gtest.h>

namespace thorax::measure {
namespace {

using volume::Grid;
using volume::Mask;

struct Scene {
  volume::CtVolume hu;
  Mask region;
  volume::Labels findings;

  explicit Scene(double slice_mm = 3) {
    Grid grid;
    grid.shape = {6, 40, 40};
    grid.spacing = {0.5, 0.5, slice_mm};
    hu = volume::CtVolume(grid, 40);
    region = Mask(grid, 1);
    findings = volume::Labels(grid);
  }
  void plaque(int z, int y, int x, int size, int value) {
    for (int dy = 0; dy < size; ++dy)
      for (int dx = 0; dx < size; ++dx) hu(z, y + dy, x + dx) = static_cast<std::int16_t>(value);
  }
  CalciumScore score() { return score_calcium(hu, region, 130, kCoronaryCalcification, findings); }
};

TEST(Calcification, WeighsAreasByTheirPeak) {
  Scene scene;
  scene.plaque(0, 5, 5, 4, 150);    // 4 mm^2, weight 1
  scene.plaque(1, 5, 5, 4, 250);    // weight 2
  scene.plaque(2, 5, 5, 4, 350);    // weight 3
  scene.plaque(3, 5, 5, 4, 900);    // weight 4
  scene.plaque(3, 20, 20, 2, 500);  // 1 mm^2, weight 4
  const CalciumScore score = scene.score();
  EXPECT_DOUBLE_EQ(score.agatston, 4 * (1 + 2 + 3 + 4) + 4);
  EXPECT_EQ(score.lesions, 5);
  EXPECT_DOUBLE_EQ(score.volume_mm3, (4 * 4 + 1) * 3);
  EXPECT_EQ(scene.findings(3, 20, 20), kCoronaryCalcification);
  EXPECT_EQ(scene.findings(0, 0, 0), kNoFinding);
}

TEST(Calcification, ScalesWithTheSliceDistance) {
  Scene scene(1.5);
  scene.plaque(0, 5, 5, 4, 150);
  EXPECT_DOUBLE_EQ(scene.score().agatston, 2);
}

TEST(Calcification, LeavesOutSpecksBoneAndMotion) {
  Scene speck;
  speck.hu(0, 5, 5) = 300;
  speck.hu(0, 5, 6) = 300;
  speck.hu(0, 6, 5) = 300;  // 0.75 mm^2
  EXPECT_EQ(speck.score().agatston, 0);

  Scene bone;
  bone.plaque(0, 5, 5, 10, 600);
  for (int y = 0; y < 40; ++y)
    for (int x = 9; x < 40; ++x) bone.region(0, y, x) = 0;  // four of ten columns are inside
  EXPECT_EQ(bone.score().agatston, 0);

  Scene motion;
  motion.plaque(0, 5, 5, 16, 160);  // 64 mm^2 and pale
  EXPECT_EQ(motion.score().agatston, 0);
  Scene dense;
  dense.plaque(0, 5, 5, 16, 600);
  EXPECT_GT(dense.score().agatston, 0);
}

TEST(Calcification, TheBeatingEdgeAlongTheLungIsNoPlaque) {
  const auto score = [](int value, int gap) {
    Scene scene;
    for (int y = 20 + gap; y < 40; ++y)
      for (int x = 0; x < 40; ++x) scene.hu(0, y, x) = -850;
    for (int x = 10; x < 20; ++x) scene.hu(0, 18, x) = scene.hu(0, 19, x) = value;
    return scene.score().agatston;
  };
  EXPECT_EQ(score(150, 2), 0);
  EXPECT_GT(score(450, 2), 0) << "dense";
  EXPECT_GT(score(150, 12), 0) << "away from the lung";
}

TEST(Calcification, ThresholdRisesWithNoiseUntilNothingCanBeSaid) {
  const auto threshold = [](double blood, double noise, bool contrast = false) {
    Scene scene;
    for (std::size_t i = 0; i < scene.hu.size(); ++i)
      scene.hu[i] = static_cast<std::int16_t>(blood + noise * (i % 2 ? 1 : -1));
    CtContext context;
    context.contrast = contrast;
    return calcium_threshold(scene.hu, scene.region, context);
  };
  EXPECT_EQ(threshold(40, 0).hu, 130);
  EXPECT_FALSE(threshold(40, 0, true).hu);
  EXPECT_NE(threshold(40, 0, true).why_not.ru.find("контраст"), std::string::npos);
  EXPECT_EQ(threshold(180, 0).why_not, threshold(40, 0, true).why_not);
  EXPECT_FALSE(threshold(40, 90).hu);
  EXPECT_NE(threshold(40, 90).why_not.en.find("noise"), std::string::npos);
  Scene empty;
  empty.region = Mask(empty.hu.grid());
  EXPECT_FALSE(calcium_threshold(empty.hu, empty.region, {}).hu);
}

}  // namespace
}  // namespace thorax::measure
