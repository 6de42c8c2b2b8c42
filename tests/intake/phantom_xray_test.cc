#include "intake/phantom_xray.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "intake/phantom_files.h"

namespace thorax::intake {
namespace {

PhantomOptions drawn() {
  PhantomOptions options;
  options.size = 128;
  options.slice_mm = 5;
  return options;
}

PhantomXrayOptions detector() {
  PhantomXrayOptions options;
  options.columns = 256;
  return options;
}

/// Mean over a square of 2 r + 1 pixels around a place given in shares of the image.
double mean_at(const volume::Image& image, double down, double across, int r = 4) {
  const int y0 = static_cast<int>(down * image.height), x0 = static_cast<int>(across * image.width);
  double sum = 0;
  for (int y = y0 - r; y <= y0 + r; ++y)
    for (int x = x0 - r; x <= x0 + r; ++x) sum += static_cast<double>(image.at(y, x));
  return sum / ((2 * r + 1) * (2 * r + 1));
}

TEST(PhantomXray, LungsAreDarkerThanTheHeartAndTheOpenBeamIsBlack) {
  const Phantom phantom = make_phantom(drawn());
  const volume::Image image = project_xray(phantom, drawn(), detector());
  const double right_lung = mean_at(image, 0.45, 0.33), heart = mean_at(image, 0.58, 0.54);
  const double liver = mean_at(image, 0.88, 0.35), beside = mean_at(image, 0.5, 0.03);
  EXPECT_LT(beside, 100);
  EXPECT_LT(right_lung, 0.65 * heart);
  EXPECT_LT(right_lung, 0.65 * liver);
  EXPECT_GT(right_lung, beside + 200);
  EXPECT_EQ(image.width, 256);
  EXPECT_GT(image.spacing_x, 390.0 / 256);  // enlarged by the cone beam
}

TEST(PhantomXray, AnEffusionWhitensItsSide) {
  PhantomOptions options = drawn();
  const Phantom healthy = make_phantom(options);
  options.effusion = {{900, PhantomSide::left}};
  const Phantom ill = make_phantom(options);
  PhantomXrayOptions quiet = detector();
  quiet.noise = 0;
  const volume::Image a = project_xray(healthy, options, quiet);
  const volume::Image b = project_xray(ill, options, quiet);
  EXPECT_GT(mean_at(b, 0.68, 0.70), mean_at(a, 0.68, 0.70) + 300);  // the left is on the right
  EXPECT_NEAR(mean_at(b, 0.5, 0.30), mean_at(a, 0.5, 0.30), 60);
}

TEST(PhantomXray, ABlockOfWaterFollowsBeerAndLambert) {
  Phantom block;
  volume::Grid grid;
  grid.shape = {40, 120, 120};
  grid.spacing = {2, 2, 4};
  grid.origin = {-119, -119, -78};
  block.hu = volume::CtVolume(grid, -1000);
  for (int z = 0; z < 40; ++z)
    for (int y = 30; y < 70; ++y)
      for (int x = 0; x < 120; ++x) block.hu(z, y, x) = x < 60 ? 0 : 500;
  PhantomXrayOptions options = detector();
  options.noise = 0;
  const volume::Image image = project_xray(block, {}, options);
  // 80 mm of water, and 80 mm that attenuate 1 + 0.5 + 0.35 * 0.4 times as much; scatter 0.003;
  // the display curve has gamma 1.6.
  const double thin = -std::log(std::exp(-0.0195 * 80) + 0.003);
  const double thick = -std::log(std::exp(-0.0195 * 80 * 1.64) + 0.003);
  EXPECT_NEAR(mean_at(image, 0.5, 0.45, 2) / mean_at(image, 0.5, 0.55, 2),
              std::pow(thin / thick, 1.6), 0.01);
}

TEST(PhantomXray, TheDicomPassesDciodvfyAndThePngIsOne) {
  const Phantom phantom = make_phantom(coarse_phantom());
  const volume::Image image = project_xray(phantom, coarse_phantom(), detector());
  EXPECT_TRUE(encode_xray_png(image).starts_with("\x89PNG\r\n"));
  ASSERT_EQ(run_command("command -v dciodvfy").second, 0) << "run tools/setup.sh test";
  const TemporaryFolder folder;
  write_phantom_file(folder.path() / "xray.dcm", encode_xray_dicom(image));
  const auto [output, status] = run_command("dciodvfy " + (folder.path() / "xray.dcm").string());
  EXPECT_THAT(output, testing::Not(testing::HasSubstr("Error")));
}

}  // namespace
}  // namespace thorax::intake
