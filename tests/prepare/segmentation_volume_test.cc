#include "prepare/segmentation_volume.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace thorax::prepare {
namespace {

volume::CtVolume air(int slices, int rows, int columns, double slice_mm, double pixel_mm) {
  return volume::CtVolume({.shape = {.z = slices, .y = rows, .x = columns},
                           .spacing = {.x = pixel_mm, .y = pixel_mm, .z = slice_mm},
                           .origin = {}},
                          std::int16_t{-1000});
}

float at(const SegmentationVolume& volume, std::int64_t right, std::int64_t front,
         std::int64_t head) {
  const Grid& size = volume.size();
  return volume.values()[static_cast<std::size_t>((right * size[1] + front) * size[2] + head)];
}

TEST(SegmentationVolume, RunsToTheRightTheFrontAndTheHead) {
  volume::CtVolume hu = air(4, 5, 6, 1, 1);
  hu(1, 2, 5) = 400;  // the last column is the leftmost
  const SegmentationVolume volume(hu, {});
  EXPECT_EQ(volume.size(), (Grid{6, 5, 4}));
  EXPECT_EQ(at(volume, 0, 2, 1), 1);
  EXPECT_EQ(at(volume, 5, 2, 1), 0);
}

TEST(SegmentationVolume, HuOfTheWindowBecomeZeroToOne) {
  volume::CtVolume hu = air(1, 1, 3, 1, 1);
  hu(0, 0, 2) = -300;
  hu(0, 0, 1) = 3000;
  const SegmentationVolume volume(hu, {});
  EXPECT_FLOAT_EQ(at(volume, 0, 0, 0), 0.5F);
  EXPECT_FLOAT_EQ(at(volume, 1, 0, 0), 1);
  EXPECT_FLOAT_EQ(at(volume, 2, 0, 0), 0);
}

TEST(SegmentationVolume, FirstVoxelStaysAndThoseBetweenAreInterpolated) {
  volume::CtVolume hu = air(3, 1, 4, 3, 0.5);
  for (int z = 0; z < 3; ++z)
    for (int x = 0; x < 4; ++x) hu(z, 0, x) = static_cast<std::int16_t>(-1000 + 300 * z);
  const SegmentationVolume volume(hu, {});
  // 1.5 mm of columns, 6 mm of slices.
  EXPECT_EQ(volume.size(), (Grid{3, 1, 7}));
  for (std::int64_t k = 0; k < 7; ++k)
    EXPECT_NEAR(at(volume, 1, 0, k), 100.0 / 1400 * static_cast<double>(k), 1e-6);
}

TEST(SegmentationVolume, IsPaddedAroundItsCentreOrCroppedToIt) {
  volume::CtVolume hu = air(4, 2, 2, 1, 1);
  hu(0, 0, 0) = 400;
  const SegmentationVolume volume(hu, {.padded_to = {5, 2, 2}});
  EXPECT_EQ(volume.size(), (Grid{5, 2, 2}));
  // 2 columns in 5: one before, two behind; 4 slices to 2: one off at either end.
  const SegmentationVolume wide(hu, {.padded_to = {5, 2, 6}});
  EXPECT_EQ(at(wide, 2, 1, 1), 1);
  float sum = 0;
  for (const float value : wide.values()) sum += value;
  EXPECT_EQ(sum, 1);
  for (const float value : volume.values()) EXPECT_EQ(value, 0);
}

TEST(SegmentationVolume, LabelsComeBackToTheirPlaces) {
  volume::CtVolume hu = air(6, 8, 10, 3, 0.7);
  for (int z = 2; z < 5; ++z)
    for (int y = 1; y < 6; ++y)
      for (int x = 4; x < 9; ++x) hu(z, y, x) = 400;
  for (const std::array<int, 3>& padded : {std::array{0, 0, 0}, std::array{12, 9, 20}}) {
    const SegmentationVolume volume(hu, {.spacing = {0.35, 0.35, 1}, .padded_to = padded});
    std::vector<std::uint8_t> labels;
    for (const float value : volume.values()) labels.push_back(value > 0.5F ? 7 : 0);
    const volume::Labels back = volume.to_ct(labels);
    int wrong = 0;
    for (int z = 0; z < 6; ++z)
      for (int y = 0; y < 8; ++y)
        for (int x = 0; x < 10; ++x) {
          const bool in = hu(z, y, x) == 400;
          wrong += back(z, y, x) != (in ? 7 : 0);
        }
    EXPECT_EQ(wrong > 0, padded[0] > 0) << "what was cropped has no label";
  }
}

TEST(SegmentationVolume, RefusesWhatCannotBe) {
  const volume::CtVolume hu = air(2, 2, 2, 1, 1);
  EXPECT_THROW(SegmentationVolume(hu, {.spacing = {0, 1, 1}}), Error);
  EXPECT_THROW(SegmentationVolume(hu, {.low = 400, .high = 400}), Error);
  EXPECT_THROW(SegmentationVolume(hu, {.padded_to = {-1, 0, 0}}), Error);
}

TEST(ResizeTrilinear, AlignsTheEdges) {
  const std::vector<float> from{0, 1, 2, 3};
  std::vector<float> to(2);
  resize_trilinear(from, {1, 1, 4}, {1, 1, 2}, to);
  EXPECT_EQ(to, (std::vector<float>{0.5F, 2.5F}));
  to.resize(8);
  resize_trilinear(from, {1, 1, 4}, {1, 1, 8}, to);
  EXPECT_EQ(to, (std::vector<float>{0, 0.25F, 0.75F, 1.25F, 1.75F, 2.25F, 2.75F, 3}));
}

}  // namespace
}  // namespace thorax::prepare
