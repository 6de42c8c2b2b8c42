#include "intake/phantom.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numbers>

#include "base/error.h"
#include "base/parallel.h"
#include "support/code_of.h"

namespace thorax::intake {
namespace {

PhantomOptions small_options() {
  PhantomOptions options;
  options.size = 160;
  options.slice_mm = 2.5;
  return options;
}

double volume_ml(const volume::Labels& labels, int label) {
  const auto voxels = std::count(labels.voxels().begin(), labels.voxels().end(), label);
  return static_cast<double>(voxels) * labels.grid().voxel_ml();
}

const nlohmann::json& finding(const Phantom& phantom, const std::string& type) {
  for (const nlohmann::json& f : phantom.truth["findings"])
    if (f["type"] == type) return f;
  throw std::runtime_error("no finding " + type);
}

TEST(Phantom, ALungFieldIsALungInSizeAndDensity) {
  const Phantom phantom = make_phantom(small_options());
  EXPECT_EQ(phantom.hu.shape(), (volume::Shape{137, 160, 160}));
  const nlohmann::json& lungs = phantom.truth["lungs"];
  EXPECT_NEAR(lungs["right_ml"], volume_ml(phantom.anatomy, kPhantomRightLung), 1e-3);
  EXPECT_NEAR(lungs["left_ml"], volume_ml(phantom.anatomy, kPhantomLeftLung), 1e-3);
  EXPECT_GT(lungs["total_ml"], 3500);
  EXPECT_LT(lungs["total_ml"], 7000);
  EXPECT_NEAR(lungs["total_mean_hu"], -825, 25);
  EXPECT_LT(phantom.truth["emphysema"]["laa950_percent"], 0.5);
  EXPECT_NEAR(phantom.truth["cardiothoracic_ratio"], 0.45, 0.03);
  EXPECT_NEAR(phantom.truth["vertebra_hu"], 160, 15);
  EXPECT_TRUE(phantom.truth["findings"].empty());
}

TEST(Phantom, LungVolumeDoesNotDependOnTheGrid) {
  PhantomOptions coarse = small_options(), fine = small_options();
  fine.size = 224;
  fine.slice_mm = 1.25;
  const double a = make_phantom(coarse).truth["lungs"]["total_ml"];
  const double b = make_phantom(fine).truth["lungs"]["total_ml"];
  EXPECT_NEAR(a / b, 1, 0.01);
}

TEST(Phantom, TheScannerGivesNoValueOutsideItsCircle) {
  PhantomOptions options = small_options();
  options.slice_mm = 20;
  const Phantom phantom = make_phantom(options);
  EXPECT_EQ(phantom.hu(3, 2, 2), -1024);
  EXPECT_EQ(phantom.hu(3, 157, 157), -1024);
  EXPECT_NEAR(phantom.hu(3, 4, 80), -1000, 60);
}

TEST(Phantom, ScaleScalesVolumes) {
  PhantomOptions options = small_options();
  options.size = 96;
  options.slice_mm = 5;
  const double a = make_phantom(options).truth["lungs"]["total_ml"];
  options.body_scale = 0.8;
  options.slice_mm = 4;
  const double b = make_phantom(options).truth["lungs"]["total_ml"];
  EXPECT_NEAR(b / a, 0.512, 0.004);
}

TEST(Phantom, TheSameSeedGivesTheSameBytesOnAnyNumberOfThreads) {
  PhantomOptions options = small_options();
  options.size = 96;
  options.slice_mm = 5;
  options.emphysema_percent = 5;
  options.nodules = {{12}};
  set_thread_count(1);
  const Phantom a = make_phantom(options);
  set_thread_count(3);
  const Phantom b = make_phantom(options);
  set_thread_count(0);
  EXPECT_TRUE(std::ranges::equal(a.hu.voxels(), b.hu.voxels()));
  EXPECT_TRUE(std::ranges::equal(a.findings.voxels(), b.findings.voxels()));
  EXPECT_EQ(a.truth.dump(), b.truth.dump());
  options.seed = 2;
  EXPECT_FALSE(std::ranges::equal(a.hu.voxels(), make_phantom(options).hu.voxels()));
}

TEST(Phantom, SpreadFindingsHaveTheVolumeAskedFor) {
  PhantomOptions options = small_options();
  options.effusion = {{300, PhantomSide::left}};
  options.pneumothorax = {{250, PhantomSide::right}};
  options.consolidation = {{120, PhantomSide::right, PhantomThird::lower}};
  options.ground_glass = {{150, PhantomSide::left, PhantomThird::middle}};
  const Phantom phantom = make_phantom(options);
  const std::map<std::string, std::pair<PhantomFinding, double>> wanted = {
      {"pleural_effusion", {kPhantomPleuralEffusion, 300}},
      {"pneumothorax", {kPhantomPneumothorax, 250}},
      {"consolidation", {kPhantomConsolidation, 120}},
      {"ground_glass", {kPhantomGroundGlass, 150}}};
  for (const auto& [type, what] : wanted) {
    SCOPED_TRACE(type);
    const nlohmann::json& f = finding(phantom, type);
    EXPECT_NEAR(f["volume_ml"], volume_ml(phantom.findings, what.first), 1e-3);
    EXPECT_NEAR(f["volume_ml"], what.second, 0.03 * what.second);
  }
  EXPECT_NEAR(finding(phantom, "pleural_effusion")["hu_mean"], 8, 25);
  EXPECT_LT(finding(phantom, "pneumothorax")["hu_mean"], -950);
  // Disease stays inside the lung field of its side.
  for (std::size_t i = 0; i < phantom.hu.size(); ++i) {
    if (phantom.findings[i] == kPhantomPleuralEffusion) {
      ASSERT_EQ(phantom.anatomy[i], kPhantomLeftLung);
    }
  }
}

TEST(Phantom, ANoduleIsABallOfItsDiameter) {
  PhantomOptions options = small_options();
  options.size = 256;
  options.slice_mm = 1.25;
  options.low_mm = -100;
  options.high_mm = 0;
  options.nodules = {{20, PhantomNoduleKind::solid, PhantomSide::right, PhantomThird::lower,
                      PhantomNodulePlace::free, volume::Vec3{-85, 30, -40}}};
  const Phantom phantom = make_phantom(options);
  const nlohmann::json& f = finding(phantom, "nodule");
  EXPECT_NEAR(f["analytic_ml"], std::numbers::pi / 6 * 8, 1e-6);
  EXPECT_NEAR(f["volume_ml"], f["analytic_ml"], 0.01 * f["analytic_ml"].get<double>());
  EXPECT_NEAR(f["centre_mm"][0], -85, 0.3);
  EXPECT_NEAR(f["centre_mm"][1], 30, 0.3);
  EXPECT_NEAR(f["centre_mm"][2], -40, 0.3);
  EXPECT_EQ(f["side"], "right");
}

TEST(Phantom, EmphysemaReachesTheWantedShare) {
  PhantomOptions options = small_options();
  options.size = 256;
  options.emphysema_percent = 12;
  const Phantom phantom = make_phantom(options);
  EXPECT_NEAR(phantom.truth["emphysema"]["laa950_percent"], 12, 1.5);
}

TEST(Phantom, TheHeartTakesTheWantedRatio) {
  PhantomOptions options = small_options();
  options.cardiothoracic_ratio = 0.6;
  options.pericardial_ml = 150;
  options.low_mm = -110;
  options.high_mm = 60;
  const Phantom phantom = make_phantom(options);
  EXPECT_GT(phantom.truth["cardiothoracic_ratio"], 0.58);
  EXPECT_NEAR(finding(phantom, "pericardial_effusion")["volume_ml"], 150, 30);
}

TEST(Phantom, PlaqueHasItsVolumeAndDensity) {
  PhantomOptions options = small_options();
  options.size = 360;
  options.slice_mm = 1.25;
  options.low_mm = -60;
  options.high_mm = 90;
  options.coronary_calcium_mm3 = 300;
  options.aortic_calcium_mm3 = 600;
  const Phantom phantom = make_phantom(options);
  EXPECT_NEAR(finding(phantom, "coronary_calcification")["volume_ml"], 0.3, 0.03);
  EXPECT_NEAR(finding(phantom, "aortic_calcification")["volume_ml"], 0.6, 0.12);
  EXPECT_GT(finding(phantom, "coronary_calcification")["hu_mean"], 250);
}

TEST(Phantom, RefusesWhatCannotBeDrawn) {
  const auto code = [](const PhantomOptions& options) {
    return testing_support::code_of([&] { make_phantom(options); });
  };
  PhantomOptions options = small_options();
  options.effusion = {{9000}};
  EXPECT_EQ(code(options), "bad_option"_code);
  options = small_options();
  options.nodules = {{110}};
  EXPECT_EQ(code(options), "bad_option"_code);
  options = small_options();
  options.size = 5000;
  EXPECT_EQ(code(options), "bad_option"_code);
  options = small_options();
  options.slice_mm = 0;
  EXPECT_EQ(code(options), "bad_option"_code);
}

}  // namespace
}  // namespace thorax::intake
