// Heads on embeddings, by the trainer as the program loads it.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"
#include "learn/drawn_embeddings.h"
#include "learn/trainer.h"
#include "learn_torch/stopped.h"
#include "support/golden.h"
#include "support/temporary_folder.h"
#include "weights/safetensors.h"

namespace thorax::learn {
namespace {

using thorax::testing_support::TemporaryFolder;
using weights::StateDict;

constexpr std::size_t kWidth = 8;

struct HeadRecipe {
  Options options;
  EmbeddingSet set = testing_support::drawn_embeddings(160, kWidth);
  TrainRequest request;

  explicit HeadRecipe(const std::filesystem::path& folder) {
    options.training.epochs = 4;
    options.training.batch = 32;
    options.training.rate = 0.01;
    options.training.parts = 2;
    options.training.checkpoint_seconds = 1000;
    request.network = "mlp_head";
    request.config = {{"inputs", kWidth}, {"classes", 2}, {"hidden", {16, 8}}, {"dropout", 0.3}};
    request.classes = set.classes;
    request.folder = folder;
    request.fingerprint = "this run";
  }

  TrainResult train(const Progress& progress = {}) {
    request.training = options.training;
    const EmbeddingBatches batches(
        set, split_by_patient(set.patients, set.labels(), 0.25, 0.25, 42), options);
    return trainer().train(request, batches, {}, progress);
  }
};

void expect_equal(const StateDict& one, const StateDict& two) {
  ASSERT_EQ(one.size(), two.size());
  for (const auto& [key, tensor] : one)
    EXPECT_TRUE(std::ranges::equal(tensor.bytes(), two.at(key).bytes())) << key;
}

StateDict last_of(const HeadRecipe& recipe) {
  return weights::read_safetensors(recipe.request.folder / "last.safetensors").tensors;
}

TEST(HeadTraining, InPiecesGivesTheWeightsOfOneWholeRunDropoutIncluded) {
  const TemporaryFolder whole, pieces;
  HeadRecipe one(whole.path()), two(pieces.path());
  one.options.training.loss = two.options.training.loss = "focal";
  const TrainResult first = one.train(), second = testing_support::train_in_pieces(two, 3);
  expect_equal(first.kept, second.kept);
  expect_equal(last_of(one), last_of(two));
}

TEST(HeadTraining, StopsWhenNothingGetsBetterAndStaysStopped) {
  const TemporaryFolder whole, pieces;
  HeadRecipe one(whole.path()), two(pieces.path());
  for (HeadRecipe* recipe : {&one, &two}) {
    recipe->options.training.epochs = 200;
    recipe->options.training.patience = 3;
    recipe->options.training.watch = "auroc";
  }
  const TrainResult first = one.train();
  EXPECT_LT(first.rows.size(), 100u) << "the classes are easy to tell apart";
  const auto better = first.rows.end() - 4;
  EXPECT_TRUE(std::all_of(better + 1, first.rows.end(), [&](const EpochRow& row) {
    return row.validation_auroc <= better->validation_auroc;
  })) << "the three epochs that it waited";
  EXPECT_EQ(first.kept_epoch, first.rows.back().epoch) << "as good, and of the lowest loss";
  const TrainResult again = one.train();
  EXPECT_EQ(again.rows.size(), first.rows.size());
  const TrainResult second = testing_support::train_in_pieces(two, 4);
  EXPECT_EQ(second.rows.size(), first.rows.size());
  expect_equal(first.kept, second.kept);
}

TEST(HeadTraining, LearnsQuestionsToo) {
  const TemporaryFolder folder;
  HeadRecipe recipe(folder.path());
  recipe.set.exclusive = false;
  recipe.options.training.epochs = 30;
  recipe.options.training.loss = "bce";
  recipe.request.positive_weight = {0.33, 3};
  const TrainResult result = recipe.train();
  EXPECT_GT(result.rows.back().validation_auroc, 0.95);
  EXPECT_LT(result.rows.back().train_loss, result.rows.front().train_loss);
}

/// One batch that is both trained on and validated.
class OneBatch final : public Batches {
 public:
  explicit OneBatch(Batch batch) : batch_(std::move(batch)) {}
  std::int64_t steps_per_epoch() const override { return 1; }
  Batch training(std::int64_t, std::int64_t) const override { return batch_; }
  std::int64_t validation_steps() const override { return 1; }
  Batch validation(std::int64_t) const override { return batch_; }

 private:
  Batch batch_;
};

// Focal loss, Adam and the cyclic rate of the first system: losses and weights of its four steps,
// which were computed in float64. Weights within 1e-3 of their largest, biases before a batch norm
// within 1e-2: their gradients are nothing but rounding, and Adam makes steps of them.
TEST(HeadTraining, TakesTheFirstSystemsSteps) {
  golden::Golden golden("s1_mlp", "train_binary_float64", "fp32");
  const nlohmann::json& facts = golden.facts();
  const TemporaryFolder folder;
  TrainRequest request;
  request.network = "mlp_head";
  request.config = {{"inputs", 512}, {"classes", 2}, {"hidden", {256, 128}}};
  request.classes = {"normal", "pathology"};
  request.folder = folder.path();
  TrainingOptions& training = request.training;
  training.epochs = 4;
  training.batch = 16;
  training.loss = "focal";
  training.gamma = 0.774384985433772;
  training.schedule = "cyclic";
  training.rate = 3e-2;
  training.weight_decay = training.smoothing = training.average = training.clip = 0;
  training.parts = 1;
  StateDict first;
  const std::vector<golden::Entry> entries = golden::Golden("s1_mlp", "binary").state_dict();
  for (const golden::Entry& entry : entries) {
    if (entry.type != "float32") continue;
    std::int64_t count = 1;
    for (const std::int64_t side : entry.shape) count *= side;
    std::vector<float> values(static_cast<std::size_t>(count));
    golden::fill(values, entry.key, golden::fill_rule(entry.key, entry.shape));
    first.emplace(entry.key, weights::make_tensor(entry.shape, values));
  }
  request.start = {folder / "first.safetensors"};
  weights::write_safetensors(request.start.front(), first);
  Batch batch;
  batch.inputs = weights::make_tensor({16, 512}, golden::input("input:s1_mlp.train", 16 * 512));
  batch.labels = facts["targets"].get<std::vector<std::int64_t>>();
  const TrainResult result = trainer().train(request, OneBatch(batch), {}, {});
  ASSERT_EQ(result.rows.size(), facts["steps"].size());
  for (std::size_t i = 0; i < result.rows.size(); ++i) {
    EXPECT_NEAR(result.rows[i].rate, facts["steps"][i]["lr"].get<double>(), 1e-12);
    EXPECT_NEAR(result.rows[i].train_loss, facts["steps"][i]["loss"].get<double>(), 1e-5);
  }
  const StateDict last = weights::read_safetensors(folder / "last.safetensors").tensors;
  for (const auto& [key, described] : facts["tensors"].items()) {
    const weights::Tensor& tensor = last.at("weights/" + key);
    const bool cancelled = key == "layers.0.bias" || key == "layers.4.bias";
    golden.check(key, tensor.shape, std::span<const float>(tensor.to_float()),
                 cancelled ? 1e-2 : 1e-3);
  }
}

}  // namespace
}  // namespace thorax::learn
