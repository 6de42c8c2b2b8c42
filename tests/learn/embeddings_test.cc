#include "learn/embeddings.h"

#include <gtest/gtest.h>

#include <set>

#include "base/error.h"
#include "learn/drawn_embeddings.h"
#include "learn/reference.h"

namespace thorax::learn {
namespace {

using testing_support::drawn_embeddings;

Options small() {
  Options options;
  options.training.batch = 8;
  return options;
}

std::vector<Split> split(const EmbeddingSet& set) {
  return split_by_patient(set.patients, set.labels(), 0.25, 0.25, 42);
}

TEST(Sampler, WeightsAreTheFirstSystems) {
  const nlohmann::json golden = testing_support::reference("s1_sampler");
  const auto labels = golden["labels"].get<std::vector<int>>();
  std::vector<double> boost;
  for (const nlohmann::json& id : golden["dataset_ids"])
    boost.push_back(golden["boost"][std::to_string(id.get<int>())]);
  const std::vector<double> plain = sampler_weights(labels, std::vector<double>(labels.size(), 1)),
                            boosted = sampler_weights(labels, boost);
  for (std::size_t i = 0; i < labels.size(); ++i) {  // the reference is in single precision
    EXPECT_NEAR(plain[i], golden["weights_plain"][i].get<double>(), 1e-7);
    EXPECT_NEAR(boosted[i], golden["weights_boosted"][i].get<double>(), 1e-6);
  }
}

TEST(EmbeddingBatches, DrawTheClassesEquallyOftenFromTheTrainingSplitAlone) {
  const EmbeddingSet set = drawn_embeddings(400, 4);
  const std::vector<Split> splits = split(set);
  const EmbeddingBatches batches(set, splits, small());
  std::size_t largest = 0, positive = 0;
  for (std::size_t i = 0; i < set.count(); ++i)
    largest += splits[i] == Split::train && set.label(i) == 0 ? 1 : 0;
  const std::vector<std::size_t> order = batches.order(0);
  EXPECT_EQ(order.size(), 2 * largest);
  for (const std::size_t place : order) {
    EXPECT_EQ(splits[place], Split::train);
    positive += static_cast<std::size_t>(set.label(place));
  }
  // Binomial: 300 draws of one half, so 120 … 180 is beyond three deviations.
  EXPECT_GT(positive, order.size() * 2 / 5);
  EXPECT_LT(positive, order.size() * 3 / 5);
  EXPECT_EQ(order, batches.order(0));
  EXPECT_NE(order, batches.order(1));
}

TEST(EmbeddingBatches, DrawRowsAsOftenAsTheTableWants) {
  EmbeddingSet set = drawn_embeddings(400, 4);
  for (std::size_t i = 0; i < set.count(); i += 2) set.shown[i] = 1e-9;
  const EmbeddingBatches batches(set, split(set), small());
  for (const std::size_t place : batches.order(0))
    EXPECT_TRUE(place % 2 == 1 || set.label(place) == 1) << "class 1 has such rows alone";
}

TEST(EmbeddingBatches, HoldRowsAndLabels) {
  const EmbeddingSet set = drawn_embeddings(160, 4);
  Options options = small();
  options.training.accumulate = 2;
  const std::vector<Split> splits = split(set);
  const EmbeddingBatches batches(set, splits, options);
  const Batch batch = batches.training(1, 0);
  EXPECT_EQ(batch.inputs.shape, (std::vector<std::int64_t>{16, 4})) << "two batches make a step";
  const std::vector<std::size_t> order = batches.order(1);
  const std::vector<float> values = batch.inputs.to_float();
  for (std::size_t i = 0; i < 16; ++i) {
    EXPECT_EQ(batch.labels[i], set.label(order[i]));
    EXPECT_EQ(values[4 * i], set.row(order[i])[0]);
  }
  std::int64_t validated = 0;
  for (std::int64_t step = 0; step < batches.validation_steps(); ++step)
    validated += batches.validation(step).count();
  EXPECT_EQ(validated, std::ranges::count(splits, Split::validation));
}

TEST(EmbeddingBatches, OfQuestionsHoldTargetsAndGoThroughEveryRowOnce) {
  EmbeddingSet set = drawn_embeddings(160, 4);
  set.exclusive = false;
  const std::vector<Split> splits = split(set);
  const EmbeddingBatches batches(set, splits, small());
  const std::vector<std::size_t> order = batches.order(0);
  EXPECT_EQ(std::set<std::size_t>(order.begin(), order.end()).size(), order.size());
  EXPECT_EQ(static_cast<std::ptrdiff_t>(order.size()), std::ranges::count(splits, Split::train));
  const Batch batch = batches.training(0, 0);
  EXPECT_TRUE(batch.labels.empty());
  const std::vector<float> targets = batch.targets.to_float();
  for (std::size_t i = 0; i < 8; ++i)
    EXPECT_EQ(targets[2 * i + 1], set.holds(order[i], 1) ? 1.0F : 0.0F);
}

TEST(EmbeddingBatches, BalanceQuestionsByTheirNegatives) {
  EmbeddingSet set = drawn_embeddings(80, 4);
  set.exclusive = false;
  const std::vector<double> weights =
      balanced_weights(set, std::vector<Split>(set.count(), Split::train));
  EXPECT_DOUBLE_EQ(weights[0], 20.0 / 60);
  EXPECT_DOUBLE_EQ(weights[1], 60.0 / 20);
}

TEST(EmbeddingBatches, NeedEveryClassInTrainingAndValidation) {
  const EmbeddingSet set = drawn_embeddings(16, 4);
  try {
    EmbeddingBatches(set, std::vector<Split>(set.count(), Split::train), small());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "bad_training_data"_code);
  }
}

TEST(EmbeddingSets, AreNamedByTheirContent) {
  EmbeddingSet set = drawn_embeddings(16, 4);
  const std::string before = hash_of(set);
  EXPECT_EQ(hash_of(drawn_embeddings(16, 4)), before);
  set.truth[0] ^= 1;
  EXPECT_NE(hash_of(set), before);
}

}  // namespace
}  // namespace thorax::learn
