#include <gtest/gtest.h>

#include <numeric>

#include "base/error.h"
#include "learn/crop_batches.h"

namespace thorax::learn {
namespace {

using prepare::Grid;

/// A volume of 12 x 10 x 8 whose voxels know their places; class 1 in one corner.
VolumeSet drawn_volumes(std::size_t count) {
  VolumeSet set;
  const Grid size{12, 10, 8};
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<float> values;
    std::vector<std::byte> classes;
    for (std::int64_t x = 0; x < size[0]; ++x)
      for (std::int64_t y = 0; y < size[1]; ++y)
        for (std::int64_t z = 0; z < size[2]; ++z) {
          values.push_back(static_cast<float>(x * 100 + y * 10 + z + 1) / 1200);
          classes.push_back(std::byte(x > 8 && y > 6 ? 1 : 0));
        }
    weights::StateDict tensors{
        {kValues, weights::make_tensor({12, 10, 8}, values)},
        {kClasses, weights::make_tensor(weights::DType::u8, {12, 10, 8}, classes)},
        {kWhole, weights::make_tensor({4, 4, 4}, std::vector<float>(64, 0.25F))}};
    add_places(tensors);
    set.tensors.push_back(tensors);
    set.ids.push_back(std::to_string(i));
    set.patients.push_back(std::to_string(i));
    set.shown.push_back(1);
  }
  return set;
}

std::vector<Split> splits(std::size_t count) {
  std::vector<Split> all(count, Split::train);
  all.back() = Split::validation;
  return all;
}

TEST(Crops, LieAroundOutlinedVoxelsAndOthersInHalves) {
  const VolumeSet set = drawn_volumes(3);
  Options options;
  options.training.batch = 2;
  options.crop = {};
  options.crop.count = 50;
  options.crop.flip = options.crop.turn = options.crop.affine = options.crop.noise = 0;
  options.crop.level = options.crop.gamma = options.crop.holes = 0;
  const CropBatches batches(set, splits(3), options, 2, {4, 4, 4});
  EXPECT_EQ(batches.steps_per_epoch(), 1);
  const Batch batch = batches.training(0, 0);
  EXPECT_EQ(batch.inputs.shape, (std::vector<std::int64_t>{100, 2, 4, 4, 4}));
  EXPECT_EQ(batch.masks.shape, (std::vector<std::int64_t>{100, 4, 4, 4}));
  EXPECT_EQ(batch.all(), 100);
  const std::vector<float> values = batch.inputs.to_float(), classes = batch.masks.to_float();
  int outlined = 0;
  for (std::size_t i = 0; i < 100; ++i) {
    outlined += std::accumulate(&classes[i * 64], &classes[i * 64] + 64, 0.0F) > 0 ? 1 : 0;
    for (std::size_t k = 0; k < 64; ++k) {
      const int place = static_cast<int>(std::lround(values[i * 128 + k] * 1200)) - 1;
      EXPECT_EQ(classes[i * 64 + k], place / 100 > 8 && place / 10 % 10 > 6 ? 1 : 0);
      EXPECT_EQ(values[i * 128 + 64 + k], 0.25F) << "the whole";
    }
  }
  EXPECT_GE(outlined, 50);
  EXPECT_LE(outlined, 90);
  EXPECT_EQ(batches.training(0, 0).inputs.to_float(), values) << "the same numbers, the same batch";
  EXPECT_NE(batches.training(1, 0).inputs.to_float(), values);
  EXPECT_EQ(batches.validation(0).inputs.to_float(), batches.validation(0).inputs.to_float());
}

TEST(Crops, AreMovedWithTheirClasses) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Crop crop;
    crop.size = {6, 6, 6};
    for (int i = 0; i < 216; ++i) {
      crop.values.push_back(static_cast<float>(i % 7) / 7);
      crop.classes.push_back(static_cast<std::uint8_t>(i % 7));
    }
    CropOptions options;
    options.affine = options.noise = options.level = options.gamma = options.holes = 0;
    Random random{seed};
    change_crop(crop, options, random);
    for (std::size_t i = 0; i < 216; ++i)
      EXPECT_EQ(crop.values[i], static_cast<float>(crop.classes[i]) / 7);
  }
}

TEST(Crops, ARotationOfNothingLeavesThemAndHolesAreCut) {
  Crop crop;
  crop.size = {5, 4, 6};
  crop.classes.assign(120, 1);
  for (int i = 0; i < 120; ++i) crop.values.push_back(static_cast<float>(i) / 1000 + 2);
  const std::vector<float> before = crop.values;
  CropOptions options;
  options.flip = options.turn = options.noise = options.level = options.gamma = options.holes = 0;
  options.affine = 1;
  options.rotate = options.shift = options.zoom = 0;
  Random random{1};
  change_crop(crop, options, random);
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_NEAR(crop.values[i], before[i], 1e-5);
  options.affine = 0;
  options.holes = 1;
  options.hole_count = 1;
  options.hole_size = 2;
  change_crop(crop, options, random);
  int cut = 0;
  for (std::size_t i = 0; i < before.size(); ++i) cut += crop.values[i] < 1.5F ? 1 : 0;
  EXPECT_EQ(cut, 8);
}

TEST(Crops, OfVolumesThatAreTooSmallAreRefused) {
  const VolumeSet set = drawn_volumes(3);
  EXPECT_THROW(CropBatches(set, splits(3), {}, 1, {4, 4, 9}), Error);
}

}  // namespace
}  // namespace thorax::learn
