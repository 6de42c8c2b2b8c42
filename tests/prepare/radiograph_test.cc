#include "prepare/radiograph.h"

#include <gtest/gtest.h>

#include <cmath>

namespace thorax::prepare {
namespace {

/// Levels 40 to 139, each on a hundred pixels.
Picture ramp() {
  Picture picture{.height = 100, .width = 100, .channels = 1, .levels = {}};
  for (int y = 0; y < 100; ++y)
    for (int x = 0; x < 100; ++x) picture.levels.push_back(static_cast<std::uint8_t>(40 + x));
  return picture;
}

Picture changed(const Picture& picture, double contrast, double offset) {
  Picture out = picture;
  for (std::uint8_t& level : out.levels)
    level = static_cast<std::uint8_t>(std::lround(level * contrast + offset));
  return out;
}

TEST(Radiograph, StretchesToTheWholeRangeAndPutsTheMedianInTheMiddle) {
  const Picture standard = standardise(ramp());
  EXPECT_EQ(standard.levels[0], 0);
  EXPECT_EQ(standard.levels[99], 255);
  EXPECT_NEAR(standard.levels[49], 127.5, 2);
}

TEST(Radiograph, ForgetsContrastAndBrightness) {
  const Picture one = standardise(ramp()), two = standardise(changed(ramp(), 1.5, 20));
  for (std::size_t x = 0; x < 100; ++x) EXPECT_NEAR(one.levels[x], two.levels[x], 3) << x;
}

TEST(Radiograph, ForgetsGamma) {
  Picture bent = ramp();
  for (std::uint8_t& level : bent.levels)
    level = static_cast<std::uint8_t>(std::lround(255 * std::pow((level - 40) / 99.0, 1.6)));
  const Picture one = standardise(ramp()), two = standardise(bent);
  for (std::size_t x = 20; x < 100; ++x) EXPECT_NEAR(one.levels[x], two.levels[x], 8) << x;
}

TEST(Radiograph, OfOneLevelIsBlack) {
  const Picture even{
      .height = 4, .width = 4, .channels = 1, .levels = std::vector<std::uint8_t>(16, 90)};
  EXPECT_EQ(standardise(even).levels, std::vector<std::uint8_t>(16, 0));
}

TEST(Radiograph, BecomesThreeEqualChannelsOfTheWantedSize) {
  Picture colour = to_rgb(ramp());
  const NetworkInput input = prepare_radiograph(colour, {.size = 20});
  EXPECT_EQ(input.shape, (std::vector<std::int64_t>{1, 3, 20, 20}));
  for (std::size_t i = 0; i < 400; ++i) {
    EXPECT_EQ(input.values[i], input.values[400 + i]);
    EXPECT_EQ(input.values[i], input.values[800 + i]);
  }
  EXPECT_FLOAT_EQ(input.values[0], -1);
  EXPECT_FLOAT_EQ(input.values[19], 1);
}

TEST(Radiograph, WeighsColoursAsTelevisionDoes) {
  const Picture colours{
      .height = 1, .width = 3, .channels = 3, .levels = {255, 0, 0, 0, 255, 0, 0, 0, 255}};
  EXPECT_EQ(to_grey(colours).levels, (std::vector<std::uint8_t>{76, 150, 29}));
}

}  // namespace
}  // namespace thorax::prepare
