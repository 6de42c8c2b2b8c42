#include "learn/view_batches.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"
#include "learn/drawn_set.h"

namespace thorax::learn {
namespace {

using testing_support::drawn_set;

Options small() {
  Options options;
  options.training.batch = 8;
  return options;
}

std::vector<Split> split(const PictureSet& set) {
  return split_by_patient(set.patients, set.labels, 0.25, 0.25, 42);
}

/// The pictures of [B, 1, S, S], each as its values.
std::vector<std::vector<float>> pictures_of(const weights::Tensor& tensor) {
  const std::vector<float> values = tensor.to_float();
  const auto count = static_cast<std::size_t>(tensor.shape.at(0));
  std::vector<std::vector<float>> pictures;
  const auto pixels = static_cast<std::ptrdiff_t>(values.size() / count);
  for (auto from = values.begin(); from != values.end(); from += pixels)
    pictures.emplace_back(from, from + pixels);
  return pictures;
}

/// Nothing is changed: pictures can be known again.
AugmentOptions none() {
  AugmentOptions none;
  none.flip = none.rotate = none.zoom = none.shift = none.shear = none.aspect = 0;
  none.gamma = none.contrast = none.brightness = none.probability = 0;
  return none;
}

TEST(ViewBatches, HoldTwoViewsOfTheSamePicture) {
  const PictureSet set = drawn_set(64, 16);
  Options options = small();
  const ViewBatches changed(set, split(set), options);
  const Batch batch = changed.training(0, 0);
  EXPECT_EQ(batch.inputs.shape, (std::vector<std::int64_t>{8, 1, 16, 16}));
  EXPECT_EQ(batch.views.shape, batch.inputs.shape);
  EXPECT_TRUE(batch.labels.empty());
  EXPECT_NE(batch.inputs.to_float(), batch.views.to_float());
  options.augment = none();
  const Batch plain = ViewBatches(set, split(set), options).training(0, 0);
  EXPECT_EQ(plain.inputs.to_float(), plain.views.to_float());
}

TEST(ViewBatches, AnEpochShowsPicturesOfTheTrainingSplitEachOnce) {
  PictureSet set = drawn_set(64, 16);
  // A brightness of its own for each picture would be standardised away; a bright corner is not.
  std::vector<std::byte> levels(set.levels.bytes().begin(), set.levels.bytes().end());
  for (std::size_t i = 0; i < set.count(); ++i)
    for (std::size_t bit = 0; bit < 6; ++bit)
      levels[i * 256 + bit] = std::byte((i >> bit & 1) != 0 ? 250 : 5);
  set.levels = weights::make_tensor(weights::DType::u8, {64, 16, 16}, std::move(levels));
  Options options = small();
  options.augment = none();
  const std::vector<Split> splits = split(set);
  const ViewBatches batches(set, splits, options);
  std::map<std::vector<float>, Split> split_of;
  for (std::size_t i = 0; i < set.count(); ++i)
    split_of.emplace(pictures_of(batches.kept(std::span(&i, 1), 0).inputs).front(), splits[i]);
  ASSERT_EQ(split_of.size(), set.count());
  std::set<std::vector<float>> shown;
  std::size_t count = 0;
  for (std::int64_t step = 0; step < batches.steps_per_epoch(); ++step)
    for (const std::vector<float>& picture : pictures_of(batches.training(1, step).inputs)) {
      EXPECT_EQ(split_of.at(picture), Split::train);
      shown.insert(picture);
      ++count;
    }
  const auto trained = static_cast<std::size_t>(std::ranges::count(splits, Split::train));
  EXPECT_EQ(count, trained / 8 * 8) << "whole batches";
  EXPECT_EQ(shown.size(), count);
  for (std::int64_t step = 0; step < batches.validation_steps(); ++step)
    for (const std::vector<float>& picture : pictures_of(batches.validation(step).inputs))
      EXPECT_EQ(split_of.at(picture), Split::validation);
}

TEST(ViewBatches, OfTheSameNumberAreTheSameAndOfTheNextEpochOthers) {
  const PictureSet set = drawn_set(64, 16);
  const ViewBatches one(set, split(set), small()), two(set, split(set), small());
  EXPECT_EQ(one.training(2, 1).views.to_float(), two.training(2, 1).views.to_float());
  EXPECT_NE(one.training(2, 1).views.to_float(), one.training(3, 1).views.to_float());
  EXPECT_EQ(one.validation(0).views.to_float(), two.validation(0).views.to_float());
}

TEST(ViewBatches, RefuseWhatLeavesNothingToTellApart) {
  const PictureSet set = drawn_set(16, 16);
  std::vector<Split> splits(set.count(), Split::train);
  splits.front() = Split::validation;
  EXPECT_THROW(ViewBatches(set, splits, small()), Error);
  splits.back() = Split::validation;
  EXPECT_NO_THROW(ViewBatches(set, splits, small()));
  Options larger = small();
  larger.training.first_epochs = 1;
  larger.training.first_size = 32;
  EXPECT_THROW(ViewBatches(set, splits, larger), Error);
}

TEST(PictureSets, AddedToAnotherKeepTheirPicturesAndClasses) {
  PictureSet set = drawn_set(8, 16);
  PictureSet more = drawn_set(4, 16);
  more.classes = {"down", "unlabelled"};  // class 0 is the other's class 1
  const std::vector<std::uint8_t> last(more.picture(3).begin(), more.picture(3).end());
  append(set, more);
  ASSERT_EQ(set.count(), 12u);
  EXPECT_EQ(set.classes, (std::vector<std::string>{"across", "down", "unlabelled"}));
  EXPECT_EQ(set.labels[8], 1);
  EXPECT_EQ(set.labels[11], 2);
  EXPECT_TRUE(std::ranges::equal(set.picture(11), last));
  EXPECT_THROW(append(set, drawn_set(4, 8)), Error);
}

}  // namespace
}  // namespace thorax::learn
