// Findings and reports learned together: what the loss is made of, and which weights learn how
// fast.
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "learn/trainer.h"
#include "support/temporary_folder.h"
#include "weights/safetensors.h"

namespace thorax::learn {
namespace {

using thorax::testing_support::TemporaryFolder;
using weights::StateDict;

constexpr std::int64_t kRows = 4, kPatches = 3, kWidth = 6, kTokens = 5, kFindings = 2;

/// One batch of studies whose reports have two to five tokens.
class FourStudies final : public Batches {
 public:
  std::int64_t steps_per_epoch() const override { return 1; }
  std::int64_t validation_steps() const override { return 1; }
  Batch validation(std::int64_t /*step*/) const override { return training(0, 0); }
  Batch training(std::int64_t /*epoch*/, std::int64_t /*step*/) const override {
    Batch batch;
    std::vector<float> values;
    for (std::int64_t i = 0; i < kRows * kPatches * kWidth; ++i)
      values.push_back(std::sin(static_cast<float>(i * i)));
    batch.inputs = weights::make_tensor({kRows, kPatches, kWidth}, values);
    batch.targets = weights::make_tensor({kRows, kFindings}, {0, 1, 1, 0, 1, 1, 0, 0});
    batch.text = weights::make_index_tensor(
        {kRows, kTokens},
        {0, 5, 6, 7, 2, 0, 8, 2, -100, -100, 0, 2, -100, -100, -100, 0, 9, 5, 2, -100});
    return batch;
  }
};

struct Recipe {
  TrainRequest request;

  explicit Recipe(const std::filesystem::path& folder) {
    request.network = "report_writer";
    request.config = {{"embedding_size", kWidth},
                      {"findings", kFindings},
                      {"vocabulary", 12},
                      {"size", 8},
                      {"positions", 16},
                      {"encoder_layers", 1},
                      {"decoder_layers", 2},
                      {"encoder_heads", 2},
                      {"decoder_heads", 2},
                      {"encoder_hidden", 16},
                      {"decoder_hidden", 16},
                      {"bridge_heads", 2},
                      {"bridge_hidden", 16},
                      {"text_queries", 3},
                      {"experts", 2},
                      {"expert_hidden", 8},
                      {"dropout", 0}};
    request.classes = {"one", "two"};
    request.folder = folder;
    request.fingerprint = "this run";
    TrainingOptions& training = request.training;
    training.loss = "report";
    training.epochs = 2;
    training.batch = kRows;
    training.warm_up = 0;
    training.schedule = "constant";
    training.average = 0;
    training.parts = 1;
  }
  TrainResult train() const {
    std::filesystem::remove(request.folder / "last.safetensors");
    return trainer().train(request, FourStudies(), {}, {});
  }
};

TEST(ReportTraining, TheTextsLossIsAddedByItsWeight) {
  const TemporaryFolder folder;
  Recipe recipe(folder.path());
  const auto loss = [&](double weight) {
    recipe.request.training.text = weight;
    return recipe.train().rows.front().train_loss;
  };
  const double findings = loss(0), text = loss(1) - findings;
  EXPECT_NEAR(findings, std::log(2), 0.5) << "two questions, answered at random";
  EXPECT_GT(text, std::log(12) / 2) << "a mean over tokens of twelve kinds, and coverage";
  EXPECT_LT(text, 2 * std::log(12) + 1);
  EXPECT_NEAR(loss(0.2), findings + 0.2 * text, 1e-5);
}

// Texts have different lengths: a part's tokens count as their share of the whole batch's.
TEST(ReportTraining, PartsOfABatchLearnAsTheWholeOfIt) {
  const TemporaryFolder folder;
  Recipe recipe(folder.path());
  const TrainResult whole = recipe.train();
  recipe.request.training.parts = 2;
  const TrainResult parts = recipe.train();
  recipe.request.training.accumulate = 2;
  const TrainResult pieces = recipe.train();
  for (std::size_t epoch = 0; epoch < whole.rows.size(); ++epoch) {
    EXPECT_NEAR(parts.rows[epoch].train_loss, whole.rows[epoch].train_loss, 1e-5);
    EXPECT_NEAR(pieces.rows[epoch].train_loss, whole.rows[epoch].train_loss, 1e-5);
  }
}

std::string file_of(const TrainResult& result, const std::filesystem::path& path) {
  weights::write_safetensors(path, result.kept);
  return path.string();
}

TEST(ReportTraining, SlowWeightsLearnAtTheirShareOfTheRate) {
  const TemporaryFolder folder;
  Recipe recipe(folder.path());
  recipe.request.keep_last = true;
  recipe.request.start = {file_of(recipe.train(), folder / "start.safetensors")};
  recipe.request.training.slow_keys = "bart.";
  recipe.request.training.slow_rate = 0;
  const StateDict start = weights::read_safetensors(recipe.request.start.front()).tensors,
                  kept = recipe.train().kept;
  int changed = 0;
  for (const auto& [key, tensor] : kept) {
    const bool same = std::ranges::equal(tensor.bytes(), start.at(key).bytes());
    EXPECT_TRUE(same || !key.starts_with("bart.")) << key;
    changed += same ? 0 : 1;
  }
  EXPECT_GT(changed, 10);
  recipe.request.training.slow_rate = 1;
  const StateDict quick = recipe.train().kept;
  // The embedding has four names in a checkpoint; it learns, and is written once.
  EXPECT_FALSE(std::ranges::equal(quick.at("bart.model.shared.weight").bytes(),
                                  start.at("bart.model.shared.weight").bytes()));
  EXPECT_FALSE(quick.contains("bart.lm_head.weight"));
}

TEST(ReportTraining, ItsWriterStartsFromAFileOfItsOwn) {
  const TemporaryFolder folder;
  Recipe recipe(folder.path());
  recipe.request.keep_last = true;
  StateDict writer;
  for (const auto& [key, tensor] : recipe.train().kept)
    if (key.starts_with("bart.")) writer.emplace(key.substr(5), tensor);
  recipe.request.start = {folder / "writer.safetensors"};
  recipe.request.start_below = "bart.";
  weights::write_safetensors(recipe.request.start.front(), writer);
  recipe.request.training.seed = 43;
  recipe.request.training.slow_keys = "bart.";
  recipe.request.training.slow_rate = 0;
  const StateDict kept = recipe.train().kept;
  for (const auto& [key, tensor] : writer)
    EXPECT_TRUE(std::ranges::equal(tensor.bytes(), kept.at("bart." + key).bytes())) << key;

  writer.emplace("model.nobody.weight", writer.begin()->second);
  weights::write_safetensors(recipe.request.start.front(), writer);
  try {
    recipe.train();
    ADD_FAILURE() << "a key that the network does not have";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "keys_do_not_fit"_code);
    EXPECT_NE(std::string(error.what()).find("bart.model.nobody.weight"), std::string::npos);
  }
}

}  // namespace
}  // namespace thorax::learn
