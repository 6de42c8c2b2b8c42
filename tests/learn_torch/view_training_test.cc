// Learning without labels: pictures are told apart from one another.
#include <gtest/gtest.h>

#include <algorithm>

#include "learn/random.h"
#include "learn/trainer.h"
#include "learn/view_batches.h"
#include "learn_torch/stopped.h"
#include "support/temporary_folder.h"
#include "weights/safetensors.h"

namespace thorax::learn {
namespace {

using thorax::testing_support::TemporaryFolder;

constexpr int kSize = 16;

/// Each picture four by four squares of grey levels of its own.
PictureSet mosaics(int pictures) {
  PictureSet set;
  set.size = kSize;
  set.classes = {"any"};
  std::vector<std::byte> levels;
  for (int i = 0; i < pictures; ++i) {
    set.names.push_back("picture " + std::to_string(1000 + i));
    set.patients.push_back(set.names.back());
    set.labels.push_back(0);
    Random random{3, static_cast<std::uint64_t>(i)};
    std::vector<std::byte> squares(16);
    for (std::byte& level : squares) level = std::byte(20 + random.below(220));
    for (std::size_t y = 0; y < kSize; ++y)
      for (std::size_t x = 0; x < kSize; ++x) levels.push_back(squares[y / 4 * 4 + x / 4]);
  }
  set.levels =
      weights::make_tensor(weights::DType::u8, {pictures, kSize, kSize}, std::move(levels));
  return set;
}

struct Recipe {
  Options options;
  PictureSet set = mosaics(160);
  TrainRequest request;

  explicit Recipe(const std::filesystem::path& folder) {
    options.augment.flip = options.augment.rotate = options.augment.shear = 0;
    options.augment.probability = 0.1;
    options.training.loss = "contrastive";
    options.training.epochs = 2;
    options.training.batch = 32;
    options.training.rate = 3e-3;
    options.training.average = 0.5;
    options.training.checkpoint_seconds = 1000;
    request.network = "vit";
    request.config = {{"hidden", 32},        {"layers", 1},     {"heads", 2},  {"intermediate", 64},
                      {"image_size", kSize}, {"patch_size", 4}, {"labels", 16}};
    request.folder = folder;
    request.fingerprint = "this run";
  }

  TrainResult train(const Progress& progress = {}) {
    request.training = options.training;
    const ViewBatches batches(set, split_by_patient(set.patients, set.labels, 0.2, 0.2, 42),
                              options);
    return trainer().train(request, batches, {}, progress);
  }
};

TEST(ViewTraining, LearnsToTellPicturesApart) {
  const TemporaryFolder folder;
  Recipe recipe(folder.path());
  recipe.options.training.epochs = 100;
  const TrainResult result = recipe.train();
  // 32 pictures of validation, told apart at once: 1 in 32 by chance.
  EXPECT_GE(result.rows.back().validation_accuracy, 0.5);
  EXPECT_LT(result.rows.back().validation_loss, result.rows.front().validation_loss);
}

TEST(ViewTraining, InPiecesGivesTheWeightsOfOneWholeRun) {
  const TemporaryFolder whole, pieces;
  Recipe one(whole.path()), two(pieces.path());
  const TrainResult first = one.train(), second = testing_support::train_in_pieces(two, 3);
  ASSERT_EQ(first.kept.size(), second.kept.size());
  for (const auto& [key, tensor] : first.kept)
    EXPECT_TRUE(std::ranges::equal(tensor.bytes(), second.kept.at(key).bytes())) << key;
}

}  // namespace
}  // namespace thorax::learn
