// Radiographs as the model with equalised pictures wants them, against the original's own numbers.
#include <gtest/gtest.h>

#include <numeric>

#include "prepare/picture.h"
#include "support/golden.h"

namespace thorax::prepare {
namespace {

/// The stored values that the golden's formula describes, photometric interpretation undone.
volume::Image stored(const nlohmann::json& facts) {
  const nlohmann::json& input = facts.at("input");
  volume::Image image;
  image.height = input.at("shape").at(0);
  image.width = input.at("shape").at(1);
  const auto count = static_cast<std::size_t>(image.height) * static_cast<std::size_t>(image.width);
  const auto noise = golden::integers(input.at("key"), count, -25, 26);
  const auto formula = input.at("formula").get<std::string>();
  const bool inverted = facts.at("photometric") == "MONOCHROME1";
  for (std::int64_t r = 0; r < image.height; ++r)
    for (std::int64_t c = 0; c < image.width; ++c) {
      const std::int64_t n = noise[image.pixels.size()];
      std::int64_t value = 600 + 1500 * r / image.height + 1200 * c / image.width +
                           300 * ((r / 37 + c / 41) % 2) + n;
      if (formula.starts_with("uint16: clip"))
        value = std::clamp<std::int64_t>((97 * r + 61 * c) % 65536 + 25 + n, 0, 65535);
      if (formula.starts_with("uint16: 2000")) value = 2000 + (3 * (r / 60) + c / 50) % 11;
      if (formula.starts_with("int16")) value = -700 + 3 * r + 2 * c + n;
      if (inverted) value = facts.at("stored_max").get<std::int64_t>() - value;
      image.pixels.push_back(static_cast<float>(value));
    }
  return image;
}

std::int64_t sum(const Picture& picture) {
  return std::accumulate(picture.levels.begin(), picture.levels.end(), std::int64_t{0});
}

void check(const std::string& name) {
  SCOPED_TRACE(name);
  golden::Golden golden("s5_preprocess", name);
  const nlohmann::json& facts = golden.facts();
  const Picture levels = stretch_to_picture(stored(facts));
  EXPECT_EQ(sum(levels), facts.at("sums").at("minmax").get<std::int64_t>());
  std::vector<std::int64_t> histogram(256, 0);
  for (const std::uint8_t level : levels.levels) ++histogram[level];
  EXPECT_EQ(histogram, facts.at("histogram_minmax").get<std::vector<std::int64_t>>());
  EXPECT_EQ(sum(equalised(levels)), facts.at("sums").at("equalised").get<std::int64_t>());
  const NetworkInput input = prepare_equalised(levels);
  // One level of 8 bits would be 8e-3 of the largest value.
  golden.check("tensor", input.shape, input.span(), 1e-6);
}

TEST(GoldenEqualised, AreasLevelsAndEnlargements) {
  for (const char* name : {"mono1_integer_factor", "mono1_u16", "mono1_u16_full_range",
                           "mono2_few_levels", "mono2_int16", "mono2_u16", "mono2_upscale"})
    check(name);
}

TEST(Equalised, APictureOfOneLevelStays) {
  const Picture grey{.height = 1, .width = 3, .channels = 1, .levels = {9, 9, 9}};
  EXPECT_EQ(equalised(grey).levels, grey.levels);
}

}  // namespace
}  // namespace thorax::prepare
