#include "learn/augment.h"

#include <gtest/gtest.h>

#include <numbers>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace thorax::learn {
namespace {

constexpr int kSize = 40;

/// Brighter to the right, with a bright square.
Grey drawn() {
  Grey picture{.size = kSize, .values = std::vector<float>(kSize * kSize)};
  for (int y = 0; y < kSize; ++y)
    for (int x = 0; x < kSize; ++x)
      picture.at(y, x) = y > 10 && y < 20 && x > 5 && x < 15 ? 0.9F : 0.2F + 0.4F * x / kSize;
  return picture;
}

double mean(const Grey& picture) {
  return std::accumulate(picture.values.begin(), picture.values.end(), 0.0) /
         static_cast<double>(picture.values.size());
}

double roughness(const Grey& picture) {
  double sum = 0;
  for (int y = 0; y < picture.size; ++y)
    for (int x = 1; x < picture.size; ++x)
      sum += std::abs(static_cast<double>(picture.at(y, x) - picture.at(y, x - 1)));
  return sum;
}

TEST(Augment, DrawsTheSameForTheSamePlace) {
  const AugmentOptions options;
  for (std::uint64_t place = 0; place < 20; ++place) {
    Grey one = drawn(), two = drawn(), other = drawn();
    Random first{42, place}, second{42, place}, third{43, place};
    augment(one, options, first);
    augment(two, options, second);
    augment(other, options, third);
    EXPECT_EQ(one.values, two.values);
    EXPECT_NE(one.values, other.values);
  }
}

TEST(Augment, KeepsToTheRangeOfGrey) {
  AugmentOptions options;
  options.probability = 1;
  options.curve = options.equalise = options.flatten = options.detail = 1;
  for (std::uint64_t place = 0; place < 50; ++place) {
    Grey picture = drawn();
    Random random{place};
    augment(picture, options, random);
    const auto [low, high] = std::ranges::minmax_element(picture.values);
    EXPECT_GE(*low, 0);
    EXPECT_LE(*high, 1);
  }
}

TEST(Augment, LeavesThePictureWhenNothingIsAllowed) {
  AugmentOptions options;
  options = {.flip = 0,
             .rotate = 0,
             .zoom = 0,
             .shift = 0,
             .shear = 0,
             .aspect = 0,
             .gamma = 0,
             .contrast = 0,
             .brightness = 0,
             .probability = 0};
  Grey picture = drawn();
  Random random{1};
  augment(picture, options, random);
  for (std::size_t i = 0; i < picture.values.size(); ++i)
    EXPECT_NEAR(picture.values[i], drawn().values[i], 1.0 / 255);  // tone() has 256 levels
}

TEST(Degrade, BendFollowsTheCurve) {
  Grey picture{.size = 2, .values = {0, 0.25F, 0.5F, 1}};
  bend(picture, std::vector<double>{3, 1});  // 3 of 4 parts of the rise lie in the darker half
  EXPECT_FLOAT_EQ(picture.values[0], 0);
  EXPECT_FLOAT_EQ(picture.values[1], 0.375F);
  EXPECT_FLOAT_EQ(picture.values[2], 0.75F);
  EXPECT_FLOAT_EQ(picture.values[3], 1);
}

TEST(Degrade, EqualiseGivesEveryLevelItsShareOfThePixels) {
  Grey picture{.size = 2, .values = {0.1F, 0.1F, 0.2F, 0.9F}};
  Grey half = picture;
  equalise(picture, 1);
  EXPECT_EQ(picture.values, (std::vector<float>{0.5F, 0.5F, 0.75F, 1}));
  equalise(half, 0.5);
  EXPECT_FLOAT_EQ(half.values[3], 0.95F);
}

TEST(Degrade, FlattenTakesLargeDifferencesAndLeavesSmallOnes) {
  Grey picture = drawn();
  flatten(picture, 1);
  const auto edge = [](const Grey& of) { return of.at(15, 10) - of.at(15, 18); };
  EXPECT_GT(edge(picture), 0.6F * edge(drawn()));
  EXPECT_LT(picture.at(35, 38) - picture.at(35, 2),
            0.5F * (drawn().at(35, 38) - drawn().at(35, 2)));
  EXPECT_NEAR(mean(picture), mean(drawn()), 0.02);
}

TEST(Degrade, DetailGrowsAndShrinksByItsFactor) {
  for (const double factor : {0.5, 1.0, 1.6}) {
    // A wave that a Gaussian of its length takes away whole.
    Grey picture{.size = 48, .values = {}};
    for (int y = 0; y < 48; ++y)
      for (int x = 0; x < 48; ++x)
        picture.values.push_back(0.5F +
                                 0.1F * static_cast<float>(std::sin(x * 2 * std::numbers::pi / 8)));
    detail(picture, factor, 8);
    EXPECT_NEAR(picture.at(24, 26) - picture.at(24, 22), 0.2 * factor, 0.002) << factor;
  }
}

TEST(Degrade, BlurSmoothsAndKeepsTheMean) {
  Grey picture = drawn();
  blur(picture, 2);
  EXPECT_LT(roughness(picture), 0.95 * roughness(drawn()));
  EXPECT_NEAR(mean(picture), mean(drawn()), 0.005);
}

TEST(Degrade, JpegIsNearlyExactAtTheHighestQualityAndCoarseAtTheLowest) {
  Grey fine = drawn(), coarse = drawn();
  jpeg(fine, 100);
  jpeg(coarse, 5);
  double fine_error = 0, coarse_error = 0;
  for (std::size_t i = 0; i < fine.values.size(); ++i) {
    const auto change = [&](const Grey& picture) {
      return static_cast<double>(std::abs(picture.values[i] - drawn().values[i]));
    };
    fine_error = std::max(fine_error, change(fine));
    coarse_error = std::max(coarse_error, change(coarse));
  }
  EXPECT_LT(fine_error, 0.01);
  EXPECT_GT(coarse_error, 0.05);
}

/// The only coefficient of an even block is its mean: quality 50 takes table K.1 as it is, whose
/// first step is 16, and the mean of 8 x 8 orthonormal cosines counts eight times.
TEST(Degrade, JpegRoundsAnEvenBlockToStepsOfTheTable) {
  Grey even{.size = 8, .values = std::vector<float>(64, 131.0F / 255)};
  jpeg(even, 50);
  for (const float value : even.values) EXPECT_NEAR(value * 255, 128 + 32.0 / 8 / 2, 2.01);
  Grey exact{.size = 8, .values = std::vector<float>(64, 130.0F / 255)};
  jpeg(exact, 50);
  for (const float value : exact.values) EXPECT_FLOAT_EQ(value * 255, 130);
}

TEST(Degrade, WarpByTheIdentityChangesNothing) {
  Grey picture = drawn();
  warp(picture, {}, false);
  EXPECT_EQ(picture.values, drawn().values);
}

TEST(Degrade, WarpMovesByWholePixels) {
  Grey picture = drawn();
  Warp by;
  by.shift_x = 3;
  warp(picture, by, false);
  EXPECT_FLOAT_EQ(picture.at(7, 4), drawn().at(7, 7));
  EXPECT_FLOAT_EQ(picture.at(7, kSize - 1), 0);
}

TEST(Degrade, NoiseHasTheDeviationAskedFor) {
  Grey picture{.size = 100, .values = std::vector<float>(10000, 0.5F)};
  Random random{7};
  add_noise(picture, 0.05, false, random);
  double squares = 0;
  for (const float value : picture.values) squares += std::pow(static_cast<double>(value) - 0.5, 2);
  EXPECT_NEAR(mean(picture), 0.5, 0.002);
  EXPECT_NEAR(std::sqrt(squares / 10000), 0.05, 0.002);
}

TEST(Degrade, MarkDrawsALetterAndNothingElse) {
  Grey picture{.size = 100, .values = std::vector<float>(100 * 100, 0.25F)};
  mark(picture, 0.2, 0.1, 0.5);
  EXPECT_EQ(picture.at(45, 10), 1) << "the stem";
  EXPECT_EQ(picture.at(20, 20), 1) << "the upper arm";
  EXPECT_EQ(picture.at(32, 39), 1) << "the bowl";
  EXPECT_EQ(picture.at(57, 31), 1) << "the leg";
  EXPECT_EQ(picture.at(32, 22), 0.25F) << "inside of the bowl";
  for (int y = 0; y < 100; ++y)
    for (int x = 0; x < 100; ++x)
      if (y < 15 || y > 75 || x < 5 || x > 45) {
        ASSERT_EQ(picture.at(y, x), 0.25F) << y << ' ' << x;
      }
}

TEST(Shifts, AreNamedOnceAndTheFirstChangesNothing) {
  std::vector<std::string_view> names;
  for (const Shift& shift : shifts()) {
    Grey picture = drawn();
    Random random{1};
    shift.apply(picture, random);
    EXPECT_EQ(picture.values == drawn().values, shift.name == "none") << shift.name;
    EXPECT_EQ(std::ranges::count(names, shift.name), 0);
    names.push_back(shift.name);
  }
  EXPECT_EQ(names.front(), "none");
}

}  // namespace
}  // namespace thorax::learn
