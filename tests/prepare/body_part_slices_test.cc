#include "prepare/body_part_slices.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"
#include "support/golden.h"

namespace thorax::prepare {
namespace {

volume::Grid grid_of(int slices, int left, int back, double left_mm, double back_mm) {
  return {.shape = {.z = slices, .y = back, .x = left},
          .spacing = {.x = left_mm, .y = back_mm, .z = 3},
          .origin = {}};
}

TEST(GoldenBodyPartSlices, FollowTheReference) {
  golden::Golden golden("bpr", "preprocess");
  for (const char* name : {"case0", "case1", "case2"}) {
    const nlohmann::json& facts = golden.facts().at(name);
    const auto shape = facts.at("shape").get<std::vector<int>>();
    const auto spacing = facts.at("spacing").get<std::vector<double>>();
    const auto stored =
        golden::input(facts.at("key"), static_cast<std::size_t>(shape[0] * shape[1] * shape[2]),
                      facts.at("base"), facts.at("scale"));
    // Left, back, slice in the file.
    volume::Volume<float> hu(grid_of(shape[2], shape[0], shape[1], spacing[0], spacing[1]));
    for (int x = 0; x < shape[0]; ++x) {
      for (int y = 0; y < shape[1]; ++y) {
        for (int z = 0; z < shape[2]; ++z) {
          hu(z, y, x) = stored[static_cast<std::size_t>((x * shape[1] + y) * shape[2] + z)];
        }
      }
    }
    const NetworkInput input = prepare_body_part_slices(hu);
    ASSERT_EQ(input.shape, (golden::Shape{shape[2], 1, 128, 128}));
    std::vector<float> slices_last;
    for (int pixel = 0; pixel < 128 * 128; ++pixel) {
      for (int z = 0; z < shape[2]; ++z) slices_last.push_back(input.values[z * 128 * 128 + pixel]);
    }
    golden.check(std::string(name) + "_out", {128, 128, shape[2]}, slices_last, 1e-5);
  }
}

TEST(BodyPartSlices, WhatTheScanDoesNotCoverIsAir) {
  volume::CtVolume hu(grid_of(1, 70, 128, 3.5, 3.5), std::int16_t{1500});
  const NetworkInput input = prepare_body_part_slices(hu);
  const auto at = [&](int left, int back) { return input.values[left * 128 + back]; };
  EXPECT_FLOAT_EQ(at(28, 64), -1);
  EXPECT_FLOAT_EQ(at(29, 64), 1);
  EXPECT_FLOAT_EQ(at(98, 0), 1);
  EXPECT_FLOAT_EQ(at(99, 0), -1);
}

TEST(BodyPartSlices, EveryNthSliceIsTheSameSlice) {
  volume::CtVolume hu(grid_of(7, 64, 64, 3.5, 3.5));
  for (int z = 0; z < 7; ++z)
    std::fill_n(hu.slice(z).begin(), 64 * 64, static_cast<std::int16_t>(100 * z));
  const NetworkInput all = prepare_body_part_slices(hu);
  const NetworkInput third = prepare_body_part_slices(hu, {.step = 3});
  ASSERT_EQ(third.shape, (golden::Shape{3, 1, 128, 128}));
  const std::size_t area = 128 * 128;
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_TRUE(std::equal(third.values.get() + i * area, third.values.get() + (i + 1) * area,
                           all.values.get() + 3 * i * area));
  EXPECT_THROW(prepare_body_part_slices(hu, {.step = 0}), Error);
}

TEST(BodyPartSlices, RefusesSlicesSmallerThanAPixel) {
  const volume::CtVolume hu(grid_of(2, 3, 3, 0.5, 0.5));
  EXPECT_THROW(prepare_body_part_slices(hu), Error);
}

}  // namespace
}  // namespace thorax::prepare
