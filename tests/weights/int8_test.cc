// Weights in eight bits.
#include "weights/int8.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "support/temporary_folder.h"
#include "weights/checkpoint.h"
#include "weights/mean.h"
#include "weights/safetensors.h"

namespace thorax::weights {
namespace {

TEST(Int8, RoundsToTheNearestLevelOfItsOutput) {
  // Two outputs of three weights; then the same with the outputs along the other axis.
  const std::vector<float> values{1.27F, -0.634F, 0.005F, 0, 0, 0};
  const auto levels_of = [](const Quantised& quantised) {
    const std::vector<float> levels = quantised.levels.to_float();
    return std::vector<int>(levels.begin(), levels.end());
  };
  const Quantised rows = to_int8(make_tensor({2, 3}, values), 0);
  EXPECT_EQ(rows.levels.type, DType::i8);
  EXPECT_EQ(rows.levels.shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(levels_of(rows), (std::vector<int>{127, -63, 0, 0, 0, 0}));
  EXPECT_EQ(rows.scales.shape, std::vector<std::int64_t>{2});
  EXPECT_FLOAT_EQ(rows.scales.to_float()[0], 0.01F);
  EXPECT_GT(rows.scales.to_float()[1], 0) << "nothing but zeros";
  const Quantised columns = to_int8(make_tensor({2, 3}, values), 1);
  EXPECT_EQ(levels_of(columns), (std::vector<int>{127, -127, 127, 0, 0, 0}));
  EXPECT_FLOAT_EQ(columns.scales.to_float()[1], 0.634F / 127);
}

/// A matrix that is worth it, a bias, and a matrix that is not.
StateDict layers() {
  std::vector<float> values(50 * 40);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = std::sin(static_cast<float>(i)) * static_cast<float>(1 + i / 40);
  return {{"fc.weight", make_tensor({50, 40}, values)},
          {"fc.bias", make_tensor({50}, std::vector<float>(50, 0.3F))},
          {"small.weight", make_tensor({2, 2}, {1.0F, 2.0F, 3.0F, 4.0F})}};
}

TEST(Int8, AFileOfThemIsReadAsFp32) {
  const testing_support::TemporaryFolder folder;
  const StateDict exact = layers(), levels = in_eight_bits(exact);
  EXPECT_EQ(levels.size(), 4U) << "one more: the scales";
  EXPECT_EQ(levels.at("fc.weight").type, DType::i8);
  EXPECT_EQ(levels.at("small.weight").type, DType::f32);
  write_safetensors(folder / "weights.safetensors", levels);
  const StateDict read = read_checkpoint(folder / "weights.safetensors");
  ASSERT_EQ(read.size(), exact.size());
  EXPECT_EQ(read.at("fc.bias").to_float(), exact.at("fc.bias").to_float());
  EXPECT_EQ(read.at("small.weight").to_float(), exact.at("small.weight").to_float());
  const std::vector<float> known = exact.at("fc.weight").to_float(),
                           got = read.at("fc.weight").to_float();
  for (std::size_t i = 0; i < known.size(); ++i)
    EXPECT_NEAR(got[i], known[i], (1 + i / 40) / 254.0 * 1.0001)
        << "half a level of row " << i / 40;

  // Of two such files the mean is that of what they stand for.
  const std::filesystem::path file = folder / "weights.safetensors";
  const StateDict mean = mean_of(std::vector{file, file});
  EXPECT_EQ(mean.at("fc.weight").to_float(), got);
}

TEST(Int8, AScaleThatDoesNotFitIsRefused) {
  StateDict levels = in_eight_bits(layers());
  levels.at("fc.weight.scale") = make_tensor({49}, std::vector<float>(49, 1));
  EXPECT_THROW(restored(levels, "file"), Error);
  levels.at("fc.weight.scale") = make_index_tensor({50}, std::vector<std::int64_t>(50, 1));
  EXPECT_THROW(restored(levels, "file"), Error);
  levels.erase("fc.weight.scale");
  EXPECT_EQ(restored(levels, "file").at("fc.weight").type, DType::i8) << "somebody else's";
}

}  // namespace
}  // namespace thorax::weights
