#include "prepare/picture.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "prepare/picture_resize.h"
#include "support/golden.h"

namespace thorax::prepare {
namespace {

// One level of 8 bits would be 2/255 of the tensor's largest value: 4e-3 and more.
constexpr double kBound = 1e-6;

Picture empty_picture(const nlohmann::json& hwc) {
  Picture picture{.height = hwc.at(0), .width = hwc.at(1), .channels = hwc.at(2), .levels = {}};
  picture.levels.resize(picture.row() * static_cast<std::size_t>(picture.height));
  return picture;
}

Picture noise(const nlohmann::json& facts) {
  Picture picture = empty_picture(facts.at("hwc"));
  const auto values = golden::integers(facts.at("noise_key"), picture.levels.size(), facts.at("lo"),
                                       facts.at("hi"));
  std::transform(values.begin(), values.end(), picture.levels.begin(),
                 [](std::int64_t value) { return static_cast<std::uint8_t>(value); });
  return picture;
}

Picture smooth(const nlohmann::json& facts) {
  Picture picture = empty_picture(facts.at("hwc"));
  std::size_t i = 0;
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const int channels[] = {y * 255 / std::max(1, picture.height - 1),
                              x * 255 / std::max(1, picture.width - 1), (y + 2 * x) % 256};
      for (const int level : channels) picture.levels[i++] = static_cast<std::uint8_t>(level);
    }
  }
  return picture;
}

template <class Prepare>
void check_pictures(const std::string& network, int cases, bool batched, const Prepare& prepare) {
  golden::Golden golden(network, "preprocess");
  for (int i = 0; i < cases; ++i) {
    const std::string name = "case" + std::to_string(i);
    const nlohmann::json& facts = golden.facts().at(name);
    for (const bool is_noise : {false, true}) {
      const NetworkInput input = prepare(is_noise ? noise(facts) : smooth(facts));
      auto shape = input.shape;
      if (!batched) shape.erase(shape.begin());
      golden.check(name + (is_noise ? "_noise" : "_smooth"), shape, input.span(), kBound);
    }
  }
}

TEST(StretchToPicture, SmallestAndLargestValueSpanTheLevels) {
  volume::Image image;
  image.height = 1;
  image.width = 4;
  image.pixels = {-1000, 0, 999, 1000};
  EXPECT_EQ(stretch_to_picture(image).levels, (std::vector<std::uint8_t>{0, 127, 254, 255}));
  image.pixels = {7, 7, 7, 7};
  EXPECT_THROW(stretch_to_picture(image), Error);
}

TEST(GoldenPicture, Vit) {
  check_pictures("vit_base_patch16_224", 4, true,
                 [](const Picture& picture) { return prepare_vit(picture); });
}

TEST(GoldenPicture, Dinov2) {
  check_pictures("vit_large_patch14_reg4_dinov2", 3, false,
                 [](const Picture& picture) { return prepare_dinov2(picture); });
}

TEST(Picture, GreyBecomesThreeEqualChannels) {
  const Picture grey{.height = 1, .width = 2, .channels = 1, .levels = {7, 200}};
  EXPECT_EQ(to_rgb(grey).levels, (std::vector<std::uint8_t>{7, 7, 7, 200, 200, 200}));
}

TEST(Picture, FractionsRoundToLevels) {
  volume::Image image;
  image.height = 1;
  image.width = 4;
  image.pixels = {-3.0F, 0.5F, 17.4F, 300.0F};
  EXPECT_EQ(to_picture(image).levels, (std::vector<std::uint8_t>{0, 1, 17, 255}));
}

// By hand: halving averages with the weights 1/8, 3/8, 3/8, 1/8; a border renormalises them.
TEST(PictureResize, HalvingIsATriangle) {
  const Picture row{.height = 1, .width = 6, .channels = 1, .levels = {0, 0, 80, 80, 0, 0}};
  EXPECT_EQ(resize(row, 1, 3, Filter::bilinear).levels, (std::vector<std::uint8_t>{11, 60, 11}));
}

TEST(PictureResize, ASideThatKeepsItsLengthIsUntouched) {
  const Picture row{.height = 1, .width = 3, .channels = 1, .levels = {1, 250, 3}};
  EXPECT_EQ(resize(row, 1, 3, Filter::bicubic).levels, row.levels);
  EXPECT_EQ(resize(row, 2, 3, Filter::bicubic).levels,
            (std::vector<std::uint8_t>{1, 250, 3, 1, 250, 3}));
}

}  // namespace
}  // namespace thorax::prepare
