#include "measure/nodules.h"

#include <gtest/gtest.h>

#include "base/parallel.h"
#include "nodule_scene.h"

namespace thorax::measure {
namespace {

using testing::NoduleScene;
using volume::Vec3;

std::vector<Nodule> find(const NoduleScene& scene) {
  volume::Labels findings(scene.hu.grid());
  return find_nodules(scene.hu, scene.anatomy, {}, findings);
}

const Nodule* at(const std::vector<Nodule>& nodules, Vec3 centre) {
  for (const Nodule& n : nodules)
    if (norm(Vec3{n.place.centre_mm[0], n.place.centre_mm[1], n.place.centre_mm[2]} - centre) < 3)
      return &n;
  return nullptr;
}

TEST(Nodules, FindsSolidNodulesOfFiveMillimetresAndMoreWithTheirDiameters) {
  NoduleScene scene;
  const struct {
    Vec3 centre;
    double diameter;
  } balls[] = {{{-15, -20, 10}, 5}, {{10, 25, -10}, 8}, {{95, 0, 5}, 12}, {{120, 10, -15}, 25}};
  for (const auto& b : balls) scene.ball(b.centre, b.diameter, 30);
  const auto nodules = find(scene);
  ASSERT_GE(nodules.size(), 4U);
  for (const auto& b : balls) {
    const Nodule* n = at(nodules, b.centre);
    ASSERT_NE(n, nullptr) << b.diameter;
    EXPECT_NEAR(n->diameter_mm, b.diameter, 1) << b.diameter;
    EXPECT_LE(n->short_axis_mm, n->long_axis_mm);
    const double ball_mm3 = M_PI / 6 * b.diameter * b.diameter * b.diameter;
    EXPECT_NEAR(n->volume_mm3, ball_mm3, 0.2 * ball_mm3) << b.diameter;
    EXPECT_EQ(n->type, NoduleType::solid);
    EXPECT_FALSE(n->touches_wall);
    EXPECT_FALSE(n->touches_vessel);
    EXPECT_FALSE(n->calcified);
    EXPECT_EQ(n->side, b.centre.x > 55 ? Side::left : Side::right);
  }
  EXPECT_EQ(at(nodules, balls[3].centre), &nodules.front()) << "the largest comes first";
  EXPECT_EQ(at(nodules, balls[2].centre)->place.where.en, "left lung, middle third");
}

TEST(Nodules, OrderIsByScore) {
  NoduleScene scene;
  for (int i = 0; i < 5; ++i) scene.ball({-20.0 + 10 * i, -30.0 + 15 * i, 0}, 4.0 + i, 30);
  const auto nodules = find(scene);
  ASSERT_GE(nodules.size(), 5U);
  for (std::size_t i = 1; i < nodules.size(); ++i)
    EXPECT_LE(nodules[i].score, nodules[i - 1].score);
}

TEST(Nodules, TellsGroundGlassPartSolidAndCalcified) {
  NoduleScene scene;
  scene.ball({0, 25, 10}, 10, -600);
  scene.ball({110, -25, 0}, 14, -600);
  scene.ball({110, -25, 0}, 7, 30);
  scene.ball({110, 25, 0}, 8, 600);
  const auto nodules = find(scene);
  const Nodule* glass = at(nodules, {0, 25, 10});
  ASSERT_NE(glass, nullptr);
  EXPECT_EQ(glass->type, NoduleType::ground_glass);
  EXPECT_NEAR(glass->diameter_mm, 10, 1);
  EXPECT_NEAR(glass->mean_hu, -620, 60);
  const Nodule* part = at(nodules, {110, -25, 0});
  ASSERT_NE(part, nullptr);
  EXPECT_EQ(part->type, NoduleType::part_solid);
  EXPECT_NEAR(part->diameter_mm, 14, 1);
  const Nodule* stone = at(nodules, {110, 25, 0});
  ASSERT_NE(stone, nullptr);
  EXPECT_TRUE(stone->calcified);
}

TEST(Nodules, CutsTheVesselOffANodule) {
  NoduleScene scene;
  scene.ball({0, 0, 20}, 10, 30);
  scene.rod({0, 0, 20}, {0, 50, 20}, 3);
  const auto nodules = find(scene);
  const Nodule* n = at(nodules, {0, 0, 20});
  ASSERT_NE(n, nullptr);
  EXPECT_NEAR(n->diameter_mm, 10, 1);
  EXPECT_TRUE(n->touches_vessel);
}

TEST(Nodules, MeasuresANoduleOnTheWall) {
  NoduleScene scene;
  // The lung field holds all of it: the field's edge is at x = -45.
  scene.ball({-41, 0, 0}, 9, 30);
  const auto nodules = find(scene);
  const Nodule* n = at(nodules, {-41, 0, 0});
  ASSERT_NE(n, nullptr);
  EXPECT_TRUE(n->touches_wall);
  EXPECT_NEAR(n->diameter_mm, 9, 1);
}

TEST(Nodules, VesselsRankBelowNodules) {
  NoduleScene scene;
  scene.rod({-35, 0, 0}, {35, 10, 10}, 4);
  scene.rod({0, 5, 5}, {10, 40, 30}, 3);
  scene.rod({0, 5, 5}, {-10, -40, -30}, 3);
  scene.ball({110, 0, 30}, 6, 30);
  const auto nodules = find(scene);
  ASSERT_FALSE(nodules.empty());
  EXPECT_EQ(at(nodules, {110, 0, 30}), &nodules.front());
}

TEST(Nodules, MarksThemAndPointsInside) {
  NoduleScene scene;
  scene.ball({0, 0, 20}, 10, 30);
  volume::Labels findings(scene.hu.grid());
  const auto nodules = find_nodules(scene.hu, scene.anatomy, {}, findings);
  ASSERT_EQ(nodules.size(), 1U);
  const auto& v = nodules[0].place.voxel;
  EXPECT_EQ(findings(v[0], v[1], v[2]), kNodule);
  double marked = 0;
  for (const auto label : findings.voxels()) marked += label == kNodule;
  const double mm3 = marked * findings.grid().voxel_ml() * 1000;
  EXPECT_NEAR(mm3, nodules[0].volume_mm3, 0.1 * mm3);
  EXPECT_NEAR(nodules[0].place.size_mm[0], 10, 1.5);
}

TEST(Nodules, ThickSlicesStillShowThem) {
  NoduleScene scene(0.8, 5);
  scene.ball({0, 0, 20}, 10, 30);
  const auto nodules = find(scene);
  const Nodule* n = at(nodules, {0, 0, 20});
  ASSERT_NE(n, nullptr);
  EXPECT_NEAR(n->diameter_mm, 10, 1);
}

TEST(Nodules, NothingInCleanLungsAndNothingWithoutLungs) {
  NoduleScene scene;
  EXPECT_TRUE(find(scene).empty());
  scene.ball({0, 0, 20}, 10, 30);
  scene.anatomy = volume::Labels(scene.hu.grid());
  EXPECT_TRUE(find(scene).empty());
}

TEST(Nodules, MeasurementsNameTheLargestSuspiciousOne) {
  std::vector<Nodule> nodules(3);
  nodules[0].score = 0.6;
  nodules[0].diameter_mm = 8;
  nodules[1].score = 0.3;
  nodules[1].diameter_mm = 11;
  nodules[2].score = 0.1;
  nodules[2].diameter_mm = 30;
  Measurements values;
  add_nodule_measurements(nodules, {}, values);
  EXPECT_EQ(values.value("nodule.suspicious.count"), 2);
  EXPECT_EQ(values.value("nodule.suspicious.diameter"), 11);
  EXPECT_EQ(values.find("nodule.suspicious.diameter")->reliability, Reliability::limited);
  Measurements none;
  CtContext thick;
  thick.slice_thickness_mm = 5;
  add_nodule_measurements({}, thick, none);
  EXPECT_EQ(none.value("nodule.suspicious.diameter"), 0);
  EXPECT_EQ(none.find("nodule.suspicious.count")->reliability, Reliability::weak);
}

TEST(Nodules, SameResultForAnyNumberOfThreads) {
  NoduleScene scene;
  for (int i = 0; i < 4; ++i) scene.ball({-20.0 + 10 * i, -30.0 + 15 * i, 0}, 5.0 + i, 30);
  set_thread_count(1);
  const auto one = find(scene);
  set_thread_count(3);
  const auto three = find(scene);
  set_thread_count(0);
  ASSERT_EQ(one.size(), three.size());
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].score, three[i].score);
    EXPECT_EQ(one[i].place.centre_mm, three[i].place.centre_mm);
  }
}

}  // namespace
}  // namespace thorax::measure
