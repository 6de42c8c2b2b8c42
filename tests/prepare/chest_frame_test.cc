#include "prepare/chest_frame.h"

#include <gtest/gtest.h>

#include <random>

#include "prepare/drawn_body.h"

namespace thorax::prepare {
namespace {

Frame any_frame(std::mt19937& random) {
  std::uniform_real_distribution<double> size(0.8, 1.05), place(-0.03, 0.03);
  Frame frame{.height = size(random), .width = size(random)};
  frame.top = (1 - frame.height) / 2 + place(random);
  frame.left = (1 - frame.width) / 2 + place(random);
  return frame;
}

const ChestAtlas& atlas() {
  static const ChestAtlas made = [] {
    std::mt19937 random(7);
    std::vector<Picture> pictures;
    for (int i = 0; i < 24; ++i) pictures.push_back(drawn(any_frame(random)));
    return make_atlas(pictures);
  }();
  return made;
}

/// The part of the body that is found when a picture shows this of it.
Frame found(const Frame& shown, int size = 128, bool filled = false) {
  return in_body(shown, find_chest(drawn(shown, size, filled), atlas()));
}

void expect_same(const Frame& one, const Frame& other, double tolerance) {
  EXPECT_NEAR(one.top, other.top, tolerance);
  EXPECT_NEAR(one.left, other.left, tolerance);
  EXPECT_NEAR(one.height, other.height, tolerance);
  EXPECT_NEAR(one.width, other.width, tolerance);
}

const Frame kWhole;

TEST(ChestFrame, IsTheLungsAndLittleAroundThem) {
  const Frame chest = found(kWhole);
  EXPECT_LT(chest.top, 0.12);
  EXPECT_GT(chest.top + chest.height, 0.7);
  EXPECT_LT(chest.left, 0.15);
  EXPECT_GT(chest.left + chest.width, 0.85);
  EXPECT_LT(chest.height * chest.width, 0.85);
}

TEST(ChestFrame, StaysInTheBodyHoweverThePictureIsCut) {
  const Frame whole = found(kWhole);
  for (const Frame& cut : {Frame{0.1, 0, 0.8, 1}, Frame{0, 0.08, 1, 0.84}, Frame{0, 0, 0.8, 1},
                           Frame{0.06, 0.06, 0.88, 0.88}, Frame{0.05, 0, 0.95, 0.9}}) {
    SCOPED_TRACE(testing::Message() << cut.top << ' ' << cut.left << ' ' << cut.height);
    expect_same(found(cut), whole, 0.035);
  }
}

TEST(ChestFrame, StaysWhereALungIsFilled) {
  expect_same(found(kWhole, 128, true), found(kWhole), 0.03);
}

TEST(ChestFrame, IsTheSameAtAnyNumberOfPixels) {
  expect_same(found(kWhole, 96), found(kWhole, 300), 0.015);
}

TEST(ChestFrame, ForgetsExposure) {
  Picture dark = drawn(kWhole);
  for (std::uint8_t& level : dark.levels) level = static_cast<std::uint8_t>(level / 2 + 10);
  expect_same(find_chest(dark, atlas()), found(kWhole), 0.01);
}

TEST(ChestFrame, OfAnEmptyPictureIsWhereChestsAre) {
  const Picture empty{
      .height = 64, .width = 64, .channels = 1, .levels = std::vector<std::uint8_t>(64 * 64, 90)};
  const Frame frame = find_chest(empty, atlas());
  EXPECT_GT(frame.height, 0.4);
  EXPECT_LT(frame.height, 1.2);
  EXPECT_GT(frame.width, 0.6);
  EXPECT_LT(frame.width, 1.3);
}

TEST(ChestFrame, AnAtlasOfTheSamePicturesIsTheSame) {
  std::vector<Picture> pictures{drawn(kWhole), drawn({0.05, 0.05, 0.9, 0.9})};
  EXPECT_EQ(make_atlas(pictures).levels, make_atlas(pictures).levels);
  EXPECT_EQ(make_atlas(pictures).levels.size(), ChestAtlas::kPixels);
}

TEST(Framed, TheWholeIsThePicture) {
  const Picture picture = drawn(kWhole, 50);
  EXPECT_EQ(framed(picture, kWhole, 50).levels, picture.levels);
}

TEST(Framed, ShowsAPartAndRepeatsTheEdgeBeyond) {
  Picture picture{.height = 4, .width = 4, .channels = 1, .levels = {}};
  for (int i = 0; i < 16; ++i) picture.levels.push_back(static_cast<std::uint8_t>(10 * i));
  EXPECT_EQ(framed(picture, {0, 0, 0.5, 0.5}, 2).levels,
            (std::vector<std::uint8_t>{0, 10, 40, 50}));
  EXPECT_EQ(
      framed(picture, {-0.5, 0.5, 1, 1}, 4).levels,
      (std::vector<std::uint8_t>{20, 30, 30, 30, 20, 30, 30, 30, 20, 30, 30, 30, 60, 70, 70, 70}));
}

}  // namespace
}  // namespace thorax::prepare
