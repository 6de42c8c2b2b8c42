#include "learn/framing.h"

#include <gtest/gtest.h>

#include "learn/batches.h"
#include "prepare/drawn_body.h"

namespace thorax::learn {
namespace {

using prepare::Frame;

constexpr int kSide = 64, kPictures = 24;

/// The healthy are framed loosely and the sick tightly.
Frame shown_of(int number) {
  const double more = 0.02 * (number % 5);
  return number % 2 == 0 ? Frame{.top = 0, .left = 0, .height = 1, .width = 1 - more}
                         : Frame{.top = 0.08, .left = 0.03, .height = 0.8, .width = 0.94 - more};
}

PictureSet bodies() {
  PictureSet set;
  set.size = kSide;
  set.classes = {"HEALTHY", "SICK"};
  std::vector<std::byte> levels;
  for (int i = 0; i < kPictures; ++i) {
    set.names.push_back("picture " + std::to_string(i));
    set.patients.push_back(std::to_string(i));
    set.labels.push_back(i % 2);
    for (const std::uint8_t level : prepare::drawn(shown_of(i), kSide).levels)
      levels.push_back(std::byte(level));
  }
  set.levels =
      weights::make_tensor(weights::DType::u8, {kPictures, kSide, kSide}, std::move(levels));
  return set;
}

std::vector<Split> splits_of(const PictureSet& set) {
  return split_by_patient(set.patients, set.labels, 0.2, 0.2, 42);
}

TEST(Framing, FindsTheSamePartOfTheBodyInBothClasses) {
  const PictureSet set = bodies();
  const std::vector<Frame> frames = frames_of(set, *atlas_of(set, splits_of(set), 42));
  ASSERT_EQ(frames.size(), set.count());
  const Frame first = prepare::in_body(shown_of(0), frames[0]);
  for (int i = 1; i < kPictures; ++i) {
    const Frame found = prepare::in_body(shown_of(i), frames[static_cast<std::size_t>(i)]);
    EXPECT_NEAR(found.top, first.top, 0.04) << i;
    EXPECT_NEAR(found.height, first.height, 0.05) << i;
    EXPECT_NEAR(found.left, first.left, 0.04) << i;
    EXPECT_NEAR(found.width, first.width, 0.05) << i;
  }
}

TEST(Framing, AnAtlasKnowsTrainingAlone) {
  PictureSet set = bodies();
  const std::vector<Split> splits = splits_of(set);
  const std::vector<std::uint8_t> before = atlas_of(set, splits, 42)->levels;
  EXPECT_EQ(atlas_of(set, splits, 42)->levels, before);
  std::vector<std::byte> levels(set.levels.bytes().begin(), set.levels.bytes().end());
  for (std::size_t i = 0; i < set.count(); ++i)
    if (splits[i] != Split::train)
      std::fill_n(levels.begin() + static_cast<std::ptrdiff_t>(i) * kSide * kSide, kSide * kSide,
                  std::byte{7});
  set.levels =
      weights::make_tensor(weights::DType::u8, {kPictures, kSide, kSide}, std::move(levels));
  EXPECT_EQ(atlas_of(set, splits, 42)->levels, before);
}

/// The values of the pictures of an epoch's first batch, in its order.
std::vector<float> first_batch(const PictureSet& set, std::vector<Frame> frames,
                               const std::string& cut) {
  Options options;
  options.training.batch = 8;
  options.augment = {.flip = 0,
                     .rotate = 0,
                     .zoom = 0,
                     .shift = 0,
                     .shear = 0,
                     .aspect = 0,
                     .gamma = 0,
                     .contrast = 0,
                     .brightness = 0,
                     .probability = 0};
  options.augment.cut = cut;
  return PictureBatches(set, splits_of(set), options, std::move(frames))
      .training(0, 0)
      .inputs.to_float();
}

double distance(const std::vector<float>& one, const std::vector<float>& other) {
  double sum = 0;
  for (std::size_t i = 0; i < one.size(); ++i)
    sum += std::abs(static_cast<double>(one[i]) - static_cast<double>(other[i]));
  return sum / static_cast<double>(one.size());
}

TEST(Framing, BatchesShowTheFramesWhichStayInTheBodyWhenMarginsAreCut) {
  const PictureSet set = bodies();
  const std::vector<Frame> frames(set.count(), Frame{0.3, 0.3, 0.4, 0.4});
  const std::vector<float> whole = first_batch(set, {}, "{}"),
                           part = first_batch(set, frames, "{}");
  EXPECT_GT(distance(whole, part), 0.2);
  const std::string cut =
      R"({"HEALTHY": {"rows": 0.2, "columns": 0.2}, "SICK": {"rows": 0.2, "columns": 0.2}})";
  EXPECT_GT(distance(first_batch(set, {}, cut), whole), 0.1);
  EXPECT_LT(distance(first_batch(set, frames, cut), part), 0.03);
}

}  // namespace
}  // namespace thorax::learn
