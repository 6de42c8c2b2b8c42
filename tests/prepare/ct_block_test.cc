#include "prepare/ct_block.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/golden.h"

namespace thorax::prepare {
namespace {

constexpr double kBound = 1e-6;

volume::Grid grid_of(int head, int left, int back, double head_mm, double left_mm, double back_mm) {
  return {.shape = {.z = head, .y = back, .x = left},
          .spacing = {.x = left_mm, .y = back_mm, .z = head_mm},
          .origin = {}};
}

// A cube around the centre, in the golden's order.
std::vector<float> centre_of(const NetworkInput& input, const golden::Shape& size) {
  std::vector<float> values;
  std::array<std::int64_t, 3> start;
  for (std::size_t a = 0; a < 3; ++a) start[a] = (input.shape[a + 1] - size[a]) / 2;
  for (std::int64_t i = 0; i < size[0]; ++i) {
    for (std::int64_t j = 0; j < size[1]; ++j) {
      for (std::int64_t k = 0; k < size[2]; ++k) {
        const std::int64_t at =
            ((start[0] + i) * input.shape[2] + start[1] + j) * input.shape[3] + start[2] + k;
        values.push_back(input.values[at]);
      }
    }
  }
  return values;
}

// Sums over all but one axis, in double.
std::vector<double> sums_along(const NetworkInput& input, std::size_t axis) {
  std::vector<double> sums(static_cast<std::size_t>(input.shape[axis + 1]));
  std::array<std::int64_t, 3> at;
  for (at[0] = 0; at[0] < input.shape[1]; ++at[0]) {
    for (at[1] = 0; at[1] < input.shape[2]; ++at[1]) {
      for (at[2] = 0; at[2] < input.shape[3]; ++at[2]) {
        sums[static_cast<std::size_t>(at[axis])] += static_cast<double>(
            input.values[(at[0] * input.shape[2] + at[1]) * input.shape[3] + at[2]]);
      }
    }
  }
  return sums;
}

// Volumes with the back and the left exchanged come from the golden's order (head, left, back).
template <class T, class Value>
void fill_volume(volume::Volume<T>& hu, const Value& value) {
  const auto shape = hu.shape();
  for (int z = 0; z < shape.z; ++z) {
    for (int y = 0; y < shape.y; ++y) {
      for (int x = 0; x < shape.x; ++x) hu(z, y, x) = static_cast<T>(value(z, x, y));
    }
  }
}

void check_reoriented(const std::string& config) {
  golden::Golden golden("s1_preprocess", config);
  const auto shape = golden.facts().at("input").at("shape").get<std::vector<int>>();
  const auto spacing = golden.facts().at("spacing_slp_mm").get<std::vector<double>>();
  const auto count = static_cast<std::size_t>(shape[0] * shape[1] * shape[2]);
  const auto noise = golden::integers(golden.facts().at("input").at("key"), count, -60, 61);
  volume::CtVolume hu(grid_of(shape[0], shape[1], shape[2], spacing[0], spacing[1], spacing[2]));
  fill_volume(hu, [&](int s, int l, int p) {
    const auto at = static_cast<std::size_t>((s * shape[1] + l) * shape[2] + p);
    return -1100 + (37 * s + 11 * l + 7 * p) % 2300 + noise[at];
  });
  const NetworkInput input = prepare_ct_block(hu);
  ASSERT_EQ(input.shape, golden.facts().at("output_shape").get<golden::Shape>());
  golden.check("tensor", input.shape, input.span(), kBound);
  const golden::Shape cube{16, 16, 16};
  golden.check("centre_block", cube, centre_of(input, cube), kBound);
  const char* const axes[] = {"sum_per_s", "sum_per_l", "sum_per_p"};
  for (std::size_t a = 0; a < 3; ++a) {
    const std::vector<double> sums = sums_along(input, a);
    golden.check(axes[a], {input.shape[a + 1]}, sums, kBound);
  }
}

TEST(GoldenCtBlock, CropAndPad) {
  check_reoriented("crop_and_pad");
}
TEST(GoldenCtBlock, DeepNarrow) {
  check_reoriented("deep_narrow");
}
TEST(GoldenCtBlock, TruncatingSizes) {
  check_reoriented("truncating_sizes");
}

void check_ctclip(golden::Golden& golden, const std::string& name) {
  const nlohmann::json& facts = golden.facts().at(name);
  const auto shape = facts.at("input_shape_xyz").get<std::vector<int>>();
  const auto stored =
      golden::input(facts.at("key"),
                    static_cast<std::size_t>(shape[0]) * static_cast<std::size_t>(shape[1]) *
                        static_cast<std::size_t>(shape[2]),
                    facts.at("base"), facts.at("scale"));
  const double xy = facts.at("xy_spacing"), z = facts.at("z_spacing"), slope = facts.at("slope"),
               intercept = facts.at("intercept");
  // The file's first axis is the network's second.
  volume::Volume<float> hu(grid_of(shape[2], shape[0], shape[1], z, xy, xy));
  fill_volume(hu, [&](int k, int i, int j) {
    const auto at = static_cast<std::size_t>((i * shape[1] + j) * shape[2] + k);
    return slope * static_cast<double>(stored[at]) + intercept;
  });
  const NetworkInput input = prepare_ct_block(hu);
  golden.check(name + "_tensor", input.shape, input.span(), kBound);
  const golden::Shape cube{12, 16, 16};
  golden.check(name + "_center_block", cube, centre_of(input, cube), kBound);
}

TEST(GoldenCtBlock, CtClipPads) {
  golden::Golden golden("ctclip", "preprocess");
  check_ctclip(golden, "case0");
}
TEST(GoldenCtBlock, CtClipCrops) {
  golden::Golden golden("ctclip", "preprocess");
  check_ctclip(golden, "case1");
}

TEST(CtBlock, RefusesAVolumeThinnerThanOneVoxel) {
  const volume::CtVolume hu(grid_of(40, 40, 40, 0.01, 1, 1));
  EXPECT_THROW(prepare_ct_block(hu), Error);
}

TEST(CtBlock, OneSliceIsRepeated) {
  volume::CtVolume hu(grid_of(1, 3, 3, 4.5, 0.75, 0.75), 100);
  const NetworkInput input =
      prepare_ct_block(hu, {.shape = {5, 3, 3}, .spacing = {1.5, 0.75, 0.75}});
  ASSERT_EQ(input.shape, (std::vector<std::int64_t>{1, 5, 3, 3}));
  EXPECT_FLOAT_EQ(input.values[4], -1);
  for (std::size_t plane = 1; plane < 4; ++plane)
    EXPECT_FLOAT_EQ(input.values[plane * 9 + 4], 0.1f);
  EXPECT_FLOAT_EQ(input.values[4 * 9 + 4], -1);
}

}  // namespace
}  // namespace thorax::prepare
