#include "learn/batches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/error.h"
#include "learn/drawn_set.h"
#include "support/temporary_folder.h"

namespace thorax::learn {
namespace {

using testing_support::drawn_set;

Options small() {
  Options options;
  options.training.batch = 8;
  options.data.validation = 0.25;
  options.data.test = 0.25;
  return options;
}

std::vector<Split> split(const PictureSet& set, const Options& options) {
  return split_by_patient(set.patients, set.labels, options.data.validation, options.data.test,
                          options.training.seed);
}

TEST(Batches, ShowEveryClassEquallyOftenAndOnlyTheTrainingSplit) {
  const PictureSet set = drawn_set(160, 16);
  const Options options = small();
  const std::vector<Split> splits = split(set, options);
  const PictureBatches batches(set, splits, options);
  const std::vector<std::size_t> order = batches.order(0);
  int down = 0;
  for (const std::size_t place : order) {
    EXPECT_EQ(splits[place], Split::train);
    down += set.labels[place];
  }
  EXPECT_EQ(2 * static_cast<std::size_t>(down), order.size());
  EXPECT_NE(order, batches.order(1));
}

TEST(Batches, WithoutBalanceShowEveryPictureOnce) {
  const PictureSet set = drawn_set(160, 16);
  Options options = small();
  options.data.balance = false;
  const std::vector<Split> splits = split(set, options);
  const std::vector<std::size_t> order = PictureBatches(set, splits, options).order(3);
  EXPECT_EQ(std::set<std::size_t>(order.begin(), order.end()).size(), order.size());
  EXPECT_EQ(order.size(), static_cast<std::size_t>(std::ranges::count(splits, Split::train)));
}

/// How often an epoch shows pictures of each class and group: "class group".
std::map<std::string, std::size_t> shown_groups(const PictureSet& set, const Options& options) {
  const std::vector<Split> splits = split(set, options);
  std::map<std::string, std::size_t> shown;
  for (const std::size_t place : PictureBatches(set, splits, options).order(0))
    ++shown[set.classes[static_cast<std::size_t>(set.labels[place])] + " " + set.groups[place]];
  return shown;
}

PictureSet drawn_set_in_groups() {
  PictureSet set = drawn_set(160, 16);
  for (std::size_t i = 0; i < set.count(); ++i)
    set.groups.emplace_back(i % 40 < 4 ? "rare" : "common");
  return set;
}

TEST(Batches, ShowTheGroupsOfAClassEquallyOften) {
  auto shown = shown_groups(drawn_set_in_groups(), small());
  ASSERT_EQ(shown.size(), 4);
  EXPECT_NEAR(static_cast<double>(shown["across rare"]),
              static_cast<double>(shown["across common"]), 1);
  EXPECT_NEAR(static_cast<double>(shown["down rare"]), static_cast<double>(shown["down common"]),
              1);
  EXPECT_EQ(shown["across rare"] + shown["across common"],
            shown["down rare"] + shown["down common"]);
}

TEST(Batches, ShowTheGroupsOfAClassAsTheyComeWithoutBalance) {
  const PictureSet set = drawn_set_in_groups();
  Options options = small();
  options.data.balance = false;
  options.data.group_balance = 0;
  const std::vector<Split> splits = split(set, options);
  const std::vector<std::size_t> order = PictureBatches(set, splits, options).order(0);
  EXPECT_EQ(std::set<std::size_t>(order.begin(), order.end()).size(), order.size());
  EXPECT_EQ(order.size(), static_cast<std::size_t>(std::ranges::count(splits, Split::train)));
}

TEST(Batches, ShowTheGroupsOfAClassByTheRootsOfTheirNumbersInBetween) {
  const PictureSet set = drawn_set_in_groups();
  Options options = small();
  options.data.group_balance = 0.5;
  const std::vector<Split> splits = split(set, options);
  double rare = 0, common = 0;
  for (std::size_t i = 0; i < set.count(); ++i)
    if (splits[i] == Split::train && set.labels[i] == 1)
      ++(set.groups[i] == "rare" ? rare : common);
  auto shown = shown_groups(set, options);
  const double wanted = static_cast<double>(shown["down rare"] + shown["down common"]);
  EXPECT_NEAR(static_cast<double>(shown["down rare"]),
              wanted * std::sqrt(rare) / (std::sqrt(rare) + std::sqrt(common)), 1);
}

TEST(Batches, OfTheSameNumberAreTheSame) {
  const PictureSet set = drawn_set(160, 16);
  const Options options = small();
  const std::vector<Split> splits = split(set, options);
  const PictureBatches one(set, splits, options), two(set, splits, options);
  two.training(0, 0);
  const Batch a = one.training(2, 1), b = two.training(2, 1), c = one.training(3, 1);
  EXPECT_EQ(a.labels, b.labels);
  EXPECT_EQ(a.inputs.to_float(), b.inputs.to_float());
  EXPECT_NE(a.inputs.to_float(), c.inputs.to_float());
  EXPECT_EQ(a.inputs.shape, (std::vector<std::int64_t>{8, 1, 16, 16}));
}

TEST(Batches, OfTheFirstEpochsMayBeSmaller) {
  const PictureSet set = drawn_set(160, 16);
  Options options = small();
  options.training.first_epochs = 2;
  options.training.first_size = 12;
  const PictureBatches batches(set, split(set, options), options);
  const auto side = [](const Batch& batch) { return batch.inputs.shape.at(2); };
  EXPECT_EQ(side(batches.training(0, 0)), 12);
  EXPECT_EQ(side(batches.training(1, 1)), 12);
  EXPECT_EQ(side(batches.training(2, 0)), 16);
  EXPECT_EQ(side(batches.validation(0)), 16);
}

TEST(Batches, OfTheFirstEpochsAreNotLarger) {
  const PictureSet set = drawn_set(160, 16);
  Options options = small();
  options.training.first_size = 17;
  const std::vector<Split> splits = split(set, options);
  EXPECT_NO_THROW(PictureBatches(set, splits, options));
  options.training.first_epochs = 1;
  EXPECT_THROW(PictureBatches(set, splits, options), Error);
}

TEST(Batches, OfTheFirstEpochsAreNotSmallerForANetworkOfOneSize) {
  const PictureSet set = drawn_set(160, 16);
  Options options = small();
  options.training.first_epochs = 1;
  options.training.first_size = 12;
  const std::vector<Split> splits = split(set, options);
  EXPECT_NO_THROW(PictureBatches(set, splits, options));
  options.network.id = "vit";
  EXPECT_THROW(PictureBatches(set, splits, options), Error);
  options.training.first_epochs = 0;
  EXPECT_NO_THROW(PictureBatches(set, splits, options));
}

/// Nothing is changed.
AugmentOptions none() {
  AugmentOptions none;
  none.flip = none.rotate = none.zoom = none.shift = none.shear = none.aspect = 0;
  none.gamma = none.contrast = none.brightness = none.probability = 0;
  return none;
}

std::vector<float> picture_of(const weights::Tensor& pictures, std::size_t which) {
  const std::vector<float> values = pictures.to_float();
  const std::size_t pixels = values.size() / static_cast<std::size_t>(pictures.shape.at(0));
  const auto first = values.begin() + static_cast<std::ptrdiff_t>(which * pixels);
  return {first, first + static_cast<std::ptrdiff_t>(pixels)};
}

TEST(Batches, CutTheMarginsOfTheClassesThatAreNamed) {
  const PictureSet set = drawn_set(160, 16);
  Options options = small();
  options.augment = none();
  const std::vector<Split> splits = split(set, options);
  const Batch whole = PictureBatches(set, splits, options).training(0, 0);
  ASSERT_THAT(whole.labels, testing::AllOf(testing::Contains(0), testing::Contains(1)));
  const auto same_with = [&](const char* cut) {
    options.augment.cut = cut;
    const Batch batch = PictureBatches(set, splits, options).training(0, 0);
    std::set<std::pair<std::int64_t, bool>> same;
    for (std::size_t i = 0; i < batch.labels.size(); ++i)
      same.emplace(batch.labels[i], picture_of(batch.inputs, i) == picture_of(whole.inputs, i));
    return same;
  };
  using Same = std::set<std::pair<std::int64_t, bool>>;
  // Stripes across (class 0) become fewer without rows, those down without columns.
  EXPECT_EQ(same_with(R"({"across": {"rows": 0.4}})"), (Same{{0, false}, {1, true}}));
  EXPECT_EQ(same_with(R"({"across": {"columns": 0.4}})"), (Same{{0, true}, {1, true}}));
  EXPECT_EQ(same_with(R"({"down": {"rows": 0.2, "columns": 0.4}})"), (Same{{0, true}, {1, false}}));
}

TEST(Batches, RefuseCutsOfOtherClassesAndSharesThatLeaveNothing) {
  const PictureSet set = drawn_set(160, 16);
  Options options = small();
  const std::vector<Split> splits = split(set, options);
  for (const char* wrong :
       {"0.1", "{", R"({"across": 0.1})", R"({"sideways": {"rows": 0.1}})",
        R"({"across": {"depth": 0.1}})", R"({"across": {"rows": 0.5}})",
        R"({"across": {"columns": -0.1}})", R"({"across": {"rows": "much"}})"}) {
    options.augment.cut = wrong;
    try {
      static_cast<void>(PictureBatches(set, splits, options));
      ADD_FAILURE() << wrong;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "bad_option"_code) << wrong;
    }
  }
}

TEST(Batches, OfValidationHoldEachOfItsPicturesOnceAndNotAugmented) {
  const PictureSet set = drawn_set(160, 16);
  const Options options = small();
  const std::vector<Split> splits = split(set, options);
  const PictureBatches batches(set, splits, options);
  std::size_t count = 0;
  std::set<float> levels;
  for (std::int64_t step = 0; step < batches.validation_steps(); ++step) {
    const Batch batch = batches.validation(step);
    count += batch.labels.size();
    for (const float value : batch.inputs.to_float()) levels.insert(value);
  }
  EXPECT_EQ(count, static_cast<std::size_t>(std::ranges::count(splits, Split::validation)));
  EXPECT_EQ(levels, (std::set<float>{-1, 1}));  // two levels, stretched
}

TEST(Batches, NeedEveryClassInTrainingAndValidation) {
  const PictureSet set = drawn_set(8, 16);
  Options options = small();
  options.data.validation = 0;
  try {
    static_cast<void>(PictureBatches(set, split(set, options), options));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "bad_training_data"_code);
  }
}

TEST(PictureSets, ComeBackFromTheirFile) {
  const thorax::testing_support::TemporaryFolder folder;
  PictureSet set = drawn_set(12, 16);
  set.origin = "here";
  write_picture_set(folder / "set.safetensors", set);
  const PictureSet back = read_picture_set(folder / "set.safetensors");
  EXPECT_EQ(back.origin, set.origin);
  EXPECT_EQ(back.size, set.size);
  EXPECT_EQ(back.classes, set.classes);
  EXPECT_EQ(back.names, set.names);
  EXPECT_EQ(back.patients, set.patients);
  EXPECT_EQ(back.labels, set.labels);
  EXPECT_TRUE(std::ranges::equal(back.picture(7), set.picture(7)));
  EXPECT_EQ(hash_of(back), hash_of(set));
  set.patients[3] = "somebody else";
  EXPECT_NE(hash_of(back), hash_of(set));
}

TEST(PictureSets, AreOtherOnesWithGroups) {
  PictureSet set = drawn_set(12, 16);
  const std::string ungrouped = hash_of(set);
  set.groups.assign(12, "a");
  const std::string alike = hash_of(set);
  set.groups[3] = "b";
  EXPECT_NE(alike, ungrouped);
  EXPECT_NE(hash_of(set), alike);
}

}  // namespace
}  // namespace thorax::learn
