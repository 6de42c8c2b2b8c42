#include "learn/trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "learn/drawn_set.h"
#include "learn_torch/stopped.h"
#include "support/code_of.h"
#include "support/temporary_folder.h"
#include "weights/manifest.h"
#include "weights/safetensors.h"

namespace thorax::learn {
namespace {

using thorax::testing_support::TemporaryFolder;
using weights::StateDict;

constexpr int kSize = 16;

struct Recipe {
  Options options;
  PictureSet set = testing_support::drawn_set(96, kSize);
  TrainRequest request;

  explicit Recipe(const std::filesystem::path& folder, const std::string& network = "vit") {
    options.data.validation = options.data.test = 0.2;
    options.augment.rotate = 5;
    options.training.epochs = 3;
    options.training.batch = 16;
    options.training.checkpoint_seconds = 1000;
    options.training.average = 0.5;
    request.network = network;
    request.config =
        network == "vit"
            ? nlohmann::json{{"hidden", 16},       {"layers", 1},         {"heads", 2},
                             {"intermediate", 32}, {"image_size", kSize}, {"patch_size", 4},
                             {"labels", 2}}
            : nlohmann::json{{"blocks", {1, 1, 1, 1}}, {"image_size", kSize}, {"classes", 2}};
    request.classes = set.classes;
    request.folder = folder;
    request.fingerprint = "this run";
  }

  TrainResult train(const Progress& progress = {}) {
    request.training = options.training;
    const PictureBatches batches(
        set,
        split_by_patient(set.patients, set.labels, options.data.validation, options.data.test, 42),
        options);
    return trainer().train(request, batches, {}, progress);
  }
};

void expect_equal(const StateDict& one, const StateDict& two) {
  ASSERT_EQ(one.size(), two.size());
  for (const auto& [key, tensor] : one)
    EXPECT_TRUE(std::ranges::equal(tensor.bytes(), two.at(key).bytes())) << key;
}

StateDict last_of(const Recipe& recipe) {
  return weights::read_safetensors(recipe.request.folder / "last.safetensors").tensors;
}

class Training : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(Training, InPiecesGivesTheWeightsOfOneWholeRun) {
  const TemporaryFolder whole, pieces;
  const auto [network, precision] = GetParam();
  Recipe one(whole.path(), network), two(pieces.path(), network);
  one.options.training.precision = two.options.training.precision = precision;
  one.options.training.epochs = two.options.training.epochs = 2;
  const TrainResult first = one.train(), second = testing_support::train_in_pieces(two, 3);
  EXPECT_EQ(first.kept_epoch, second.kept_epoch);
  expect_equal(first.kept, second.kept);
  expect_equal(last_of(one), last_of(two));
  ASSERT_EQ(first.rows.size(), second.rows.size());
  for (std::size_t i = 0; i < first.rows.size(); ++i) {
    EXPECT_EQ(first.rows[i].train_loss, second.rows[i].train_loss);
    EXPECT_EQ(first.rows[i].validation_loss, second.rows[i].validation_loss);
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, Training,
                         testing::Values(std::pair{"vit", "fp32"}, std::pair{"vit", "bf16"},
                                         std::pair{"resnet", "fp32"}));

TEST(TrainingRuns, TwiceGivesTheSameWeightsAndAnotherSeedOthers) {
  const TemporaryFolder a, b, c;
  Recipe one(a.path()), two(b.path()), other(c.path());
  one.options.training.epochs = two.options.training.epochs = other.options.training.epochs = 1;
  other.options.training.seed = 7;
  one.train();
  two.train();
  other.train();
  expect_equal(last_of(one), last_of(two));
  const std::string key = "weights/classifier.weight";
  EXPECT_NE(last_of(one).at(key).to_float(), last_of(other).at(key).to_float());
}

TEST(TrainingRuns, LearnsWhichWayStripesRun) {
  const TemporaryFolder folder;
  Recipe recipe(folder.path());
  recipe.options.training.epochs = 50;
  recipe.options.augment.probability = 0.1;
  recipe.options.training.rate = 3e-3;
  const TrainResult result = recipe.train();
  EXPECT_GE(result.rows.back().validation_accuracy, 0.95);
  EXPECT_LT(result.rows.back().train_loss, result.rows.front().train_loss);
}

TEST(TrainingRuns, StartFromWeightsThatAreGiven) {
  const TemporaryFolder first, second;
  Recipe taught(first.path(), "resnet"), next(second.path(), "resnet");
  taught.train();
  next.request.start = {first.path() / "best.safetensors"};
  next.options.training.epochs = 1;
  next.options.training.rate = 0;
  next.options.training.seed = 7;  // of first values that it does not take
  next.train();
  const auto shown = [&](const Recipe& recipe, const std::string& key) {
    return last_of(recipe).at(key).to_float();
  };
  const std::string key = "fc.weight";
  EXPECT_EQ(shown(next, "weights/" + key),
            weights::read_safetensors(next.request.start.front()).tensors.at(key).to_float());
  next.request.start = {second.path() / "none.safetensors"};
  EXPECT_THROW(next.train(), Error);
}

TEST(TrainingRuns, StartFromTheMeanOfSeveralModels) {
  const TemporaryFolder first, second, third;
  Recipe one(first.path(), "resnet"), two(second.path(), "resnet"), next(third.path(), "resnet");
  two.options.training.seed = 7;
  for (Recipe* recipe : {&one, &two, &next}) recipe->options.training.epochs = 1;
  one.train();
  two.train();
  next.request.start = {first.path() / "best.safetensors", second.path() / "best.safetensors"};
  next.options.training.rate = 0;
  next.train();
  const std::string key = "fc.weight";
  std::vector<float> mean;
  for (const std::filesystem::path& file : next.request.start) {
    const std::vector<float> values = weights::read_safetensors(file).tensors.at(key).to_float();
    mean.resize(values.size());
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += values[i] / 2;
  }
  EXPECT_THAT(last_of(next).at("weights/" + key).to_float(),
              testing::Pointwise(testing::FloatNear(1e-6f), mean));
}

TEST(TrainingRuns, StartFromAnotherModelWithoutItsClasses) {
  const TemporaryFolder first, second;
  Recipe taught(first.path(), "resnet"), next(second.path(), "resnet");
  taught.request.config["classes"] = 7;
  taught.request.classes = {};
  for (int i = 0; i < 7; ++i) taught.request.classes.push_back(std::to_string(i));
  taught.train();
  next.request.start = {first.path() / "best.safetensors"};
  next.options.training.epochs = 1;
  next.options.training.rate = 0;
  EXPECT_THROW(next.train(), Error) << "seven classes are not two";
  next.request.start_without = {"fc."};
  next.train();
  const StateDict given = weights::read_safetensors(next.request.start.front()).tensors;
  EXPECT_EQ(last_of(next).at("weights/layer4.0.conv1.weight").to_float(),
            given.at("layer4.0.conv1.weight").to_float());
  EXPECT_EQ(last_of(next).at("weights/fc.weight").shape, (std::vector<std::int64_t>{2, 512}));
  next.request.start_without = {"layer1."};
  EXPECT_THROW(next.train(), Error) << "the classes still differ";
}

/// The same, but that what is said of the second labels counts alone.
class OfTheOthers final : public Batches {
 public:
  explicit OfTheOthers(const Batches& inner) : inner_(inner) {}
  std::int64_t steps_per_epoch() const override { return inner_.steps_per_epoch(); }
  Batch training(std::int64_t epoch, std::int64_t step) const override {
    Batch batch = inner_.training(epoch, step);
    batch.others = batch.labels;
    for (std::int64_t& label : batch.labels) label = 1 - label;
    batch.share = 0;
    return batch;
  }
  std::int64_t validation_steps() const override { return inner_.validation_steps(); }
  Batch validation(std::int64_t step) const override { return inner_.validation(step); }

 private:
  const Batches& inner_;
};

TEST(TrainingRuns, LearnTheLabelsOfMixedPicturesByTheirShare) {
  const TemporaryFolder first, second;
  Recipe plain(first.path()), mixed(second.path());
  plain.options.training.epochs = mixed.options.training.epochs = 1;
  const TrainResult known = plain.train();
  mixed.request.training = mixed.options.training;
  const PictureBatches batches(mixed.set,
                               split_by_patient(mixed.set.patients, mixed.set.labels, 0.2, 0.2, 42),
                               mixed.options);
  const TrainResult found = trainer().train(mixed.request, OfTheOthers(batches), {}, {});
  EXPECT_DOUBLE_EQ(found.rows.back().train_loss, known.rows.back().train_loss);
}

/// The folder of a model with the best weights of the recipe's run.
std::string taught_model(const Recipe& recipe) {
  const std::filesystem::path folder = recipe.request.folder / "model";
  std::filesystem::create_directories(folder);
  std::filesystem::copy_file(recipe.request.folder / "best.safetensors",
                             folder / "model.safetensors");
  weights::Manifest manifest;
  manifest.name = "teacher";
  manifest.version = manifest.licence = "1";
  manifest.task = "xray-classification";
  manifest.network = recipe.request.network;
  manifest.config = recipe.request.config;
  manifest.weights = "model.safetensors";
  manifest.files = {weights::describe_file(folder / "model.safetensors")};
  manifest.labels = recipe.request.classes;
  weights::write_manifest(folder, manifest);
  return folder.string();
}

TEST(SlowTraining, BelievesATeacherMoreThanWrongLabels) {
  const TemporaryFolder first, second;
  Recipe teacher(first.path()), pupil(second.path());
  for (Recipe* recipe : {&teacher, &pupil}) {
    recipe->options.training.epochs = 50;
    recipe->options.augment.probability = 0.1;
    recipe->options.training.rate = 3e-3;
  }
  teacher.train();
  for (int& label : pupil.set.labels) label = 1 - label;
  pupil.options.training.teachers = taught_model(teacher);
  pupil.options.training.teaching = 1;
  EXPECT_LE(pupil.train().rows.back().validation_accuracy, 0.05);
}

TEST(TrainingRuns, ShowATeacherPicturesOfItsOwnSize) {
  const TemporaryFolder first, second;
  Recipe teacher(first.path(), "vit"), pupil(second.path(), "resnet");
  teacher.options.training.epochs = pupil.options.training.epochs = 1;
  teacher.train();
  pupil.options.training.teachers = taught_model(teacher);
  pupil.options.training.first_epochs = 1;
  pupil.options.training.first_size = 12;
  EXPECT_EQ(pupil.train().rows.size(), 1u);
}

TEST(TrainingRuns, RefuseATeacherOfOtherClassesOrForQuestions) {
  const TemporaryFolder first, second;
  Recipe teacher(first.path()), pupil(second.path());
  teacher.options.training.epochs = 1;
  teacher.request.classes = {"one", "another"};
  teacher.train();
  pupil.options.training.teachers = taught_model(teacher);
  const auto refusal = [&] { return thorax::testing_support::code_of([&] { pupil.train(); }); };
  EXPECT_EQ(refusal(), "bad_training_data"_code);
  pupil.options.training.loss = "bce";
  EXPECT_EQ(refusal(), "bad_option"_code);
}

// The sums are made in another order, so the last bits differ.
TEST(TrainingRuns, AccumulateSmallBatchesToTheResultOfALargeOne) {
  const TemporaryFolder whole, pieces;
  Recipe one(whole.path()), two(pieces.path());
  one.options.training.batch = 32;
  two.options.training.batch = 8;
  two.options.training.accumulate = 4;
  const TrainResult first = one.train(), second = two.train();
  ASSERT_EQ(first.rows.size(), second.rows.size());
  for (std::size_t i = 0; i < first.rows.size(); ++i)
    EXPECT_NEAR(first.rows[i].train_loss, second.rows[i].train_loss, 1e-5);
  const StateDict large = last_of(one), small = last_of(two);
  for (const auto& [key, tensor] : large) {
    if (!key.starts_with("weights/")) continue;
    const std::vector<float> a = tensor.to_float(), b = small.at(key).to_float();
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-3) << key;
  }
}

TEST(TrainingRuns, KeepTheLastEpochWhenAsked) {
  const TemporaryFolder folder;
  Recipe recipe(folder.path());
  recipe.train();
  recipe.request.keep_last = true;
  const TrainResult last = recipe.train();
  EXPECT_EQ(last.kept_epoch, recipe.options.training.epochs);
  EXPECT_EQ(last.kept.at("classifier.bias").to_float(),
            last_of(recipe).at("average/classifier.bias").to_float());
}

TEST(TrainingRuns, OfAnotherRunInTheFolderIsRefused) {
  const TemporaryFolder folder;
  Recipe recipe(folder.path());
  recipe.options.training.epochs = 1;
  recipe.train();
  recipe.request.fingerprint = "another run";
  try {
    recipe.train();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "run_differs"_code);
  }
}

TEST(TrainingRuns, ThatDivergesSaysSo) {
  const TemporaryFolder folder;
  Recipe recipe(folder.path());
  recipe.options.training.rate = 1e30;
  recipe.options.training.warm_up = 0;
  recipe.options.training.clip = 0;
  try {
    recipe.train();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "no_numbers"_code);
  }
}

}  // namespace
}  // namespace thorax::learn
