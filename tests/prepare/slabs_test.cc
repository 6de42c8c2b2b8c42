#include "prepare/slabs.h"

#include <gtest/gtest.h>

#include <numeric>

#include "base/error.h"
#include "prepare/area_resize.h"
#include "support/golden.h"

namespace thorax::prepare {
namespace {

std::vector<int> all_slices(int depth) {
  std::vector<int> slices(static_cast<std::size_t>(depth));
  std::iota(slices.begin(), slices.end(), 0);
  return slices;
}

constexpr double kBound = 1e-6;

// HU = -1200 + (53 z + 17 y + 29 x) mod 3600 and noise.
volume::CtVolume drawn(const nlohmann::json& input) {
  const auto shape = input.at("shape").get<std::vector<int>>();
  volume::CtVolume hu(
      {.shape = {.z = shape[0], .y = shape[1], .x = shape[2]}, .spacing = {}, .origin = {}});
  const auto noise = golden::integers(input.at("key"), hu.size(), -40, 41);
  std::size_t i = 0;
  for (int z = 0; z < shape[0]; ++z) {
    for (int y = 0; y < shape[1]; ++y) {
      for (int x = 0; x < shape[2]; ++x, ++i) {
        hu[i] = static_cast<std::int16_t>(-1200 + (53 * z + 17 * y + 29 * x) % 3600 + noise[i]);
      }
    }
  }
  return hu;
}

void check_slabs(const std::string& config) {
  golden::Golden golden("s3_service_preprocess", config);
  const volume::CtVolume hu = drawn(golden.facts().at("input"));
  SlabOptions options;
  options.neighbours = golden.facts().at("k").get<int>();
  options.size = golden.facts().at("size").get<int>();
  golden.check("windows_before_resize_slice0", {hu.shape().y, hu.shape().x, 3},
               slab_windows(hu, 0, options), kBound);
  const NetworkInput input = prepare_slabs(hu, all_slices(hu.shape().z), options);
  golden.check("stack", input.shape, input.span(), kBound);
  // A part of the slices is a part of the whole.
  const NetworkInput last = prepare_slabs(hu, {hu.shape().z - 1}, options);
  EXPECT_TRUE(std::equal(last.span().begin(), last.span().end(),
                         input.span().end() - static_cast<std::ptrdiff_t>(last.count())));
}

TEST(GoldenSlabs, ShrunkByAFraction) {
  check_slabs("down_1.6");
}
TEST(GoldenSlabs, NotSquare) {
  check_slabs("down_non_square");
}
TEST(GoldenSlabs, ShrunkByAWholeNumber) {
  check_slabs("integer_factor");
}
TEST(GoldenSlabs, TwoSlices) {
  check_slabs("two_slices_k3");
}
TEST(GoldenSlabs, Enlarged) {
  check_slabs("up");
}

TEST(GoldenPacks, FollowTheReference) {
  golden::Golden golden("s3_training_pack", "val");
  const volume::CtVolume hu = drawn(golden.facts().at("input"));
  const auto anchors = golden.facts().at("anchors").get<std::vector<int>>();
  EXPECT_EQ(pack_anchors(hu.shape().z, 2), anchors);
  PackOptions options;
  options.size = golden.facts().at("size").get<int>();
  const NetworkInput input = prepare_packs(hu, anchors, options);
  const std::size_t pack = input.count() / anchors.size();
  const golden::Shape shape(input.shape.begin() + 1, input.shape.end());
  golden.check("pack_anchor_1", shape, input.span().first(pack), kBound);
  golden.check("pack_anchor_11", shape, input.span().last(pack), kBound);
}

TEST(Packs, AnchorsAndNeighboursFollowTheReference) {
  const golden::Golden golden("s3_logic", "all");
  for (const auto& [depth, expected] : golden.facts().at("anchors_by_depth").items()) {
    EXPECT_EQ(pack_anchors(std::stoi(depth), 2), expected.at("eval").get<std::vector<int>>());
    EXPECT_EQ(pack_anchors(std::stoi(depth), 3), expected.at("train").get<std::vector<int>>());
  }
  for (const auto& [name, expected] : golden.facts().at("reflected_indices").items()) {
    int centre = 0, last = 0;
    ASSERT_EQ(std::sscanf(name.c_str(), "center %d max %d", &centre, &last), 2) << name;
    EXPECT_EQ(pack_slices(centre, last + 1, 5), expected.get<std::vector<int>>()) << name;
  }
}

TEST(AreaResize, AveragesWholeBlocks) {
  const AreaResize resize(2, 4, 1, 2);
  std::vector<float> out(2), rows;
  resize(std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8}, out, rows);
  EXPECT_EQ(out, (std::vector<float>{3.5F, 5.5F}));
}

TEST(AreaResize, SameSizeIsACopy) {
  const AreaResize resize(2, 2, 2, 2);
  std::vector<float> out(4), rows;
  const std::vector<float> picture{1, -2, 3, 4};
  resize(picture, out, rows);
  EXPECT_EQ(out, picture);
}

TEST(Slabs, AnyDepthWorks) {
  for (int depth = 1; depth <= 3; ++depth) {
    const volume::CtVolume hu({.shape = {.z = depth, .y = 8, .x = 8}, .spacing = {}, .origin = {}},
                              std::int16_t{500});
    const NetworkInput input = prepare_slabs(hu, all_slices(depth), {.size = 4});
    EXPECT_NEAR(input.values[0], 0.5, 1e-6);
  }
}

TEST(Slabs, RefuseWhatHasNoMeaning) {
  const volume::CtVolume hu({.shape = {.z = 3, .y = 8, .x = 8}, .spacing = {}, .origin = {}});
  EXPECT_THROW(prepare_slabs(hu, {0, 1, 2}, {.neighbours = 4}), Error);
  EXPECT_THROW(prepare_slabs(hu, {0, 1, 2}, {.size = 0}), Error);
  EXPECT_THROW(prepare_slabs(hu, {2, 3}), Error);
  EXPECT_THROW(prepare_slabs(hu, {-1}), Error);
  EXPECT_THROW(slab_windows(hu, 3, {}), Error);
  EXPECT_THROW(prepare_packs(hu, {3}), Error);
  EXPECT_THROW(pack_anchors(3, 0), Error);
  EXPECT_THROW(prepare_slabs(volume::CtVolume(), {}), Error);
}

}  // namespace
}  // namespace thorax::prepare
