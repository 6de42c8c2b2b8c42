#include "learn/mix.h"

#include <gtest/gtest.h>

#include "learn/drawn_set.h"

namespace thorax::learn {
namespace {

// Moments of the beta distribution: mean 1/2, variance 1 / (4 (2 alpha + 1)).
TEST(Mix, DrawsSharesFromTheBetaDistribution) {
  for (const double alpha : {0.2, 1.0, 4.0}) {
    Random random{7};
    double sum = 0, squares = 0;
    constexpr int kDraws = 20'000;
    for (int i = 0; i < kDraws; ++i) {
      const double share = draw_share(alpha, random);
      ASSERT_GE(share, 0);
      ASSERT_LE(share, 1);
      sum += share;
      squares += (share - 0.5) * (share - 0.5);
    }
    EXPECT_NEAR(sum / kDraws, 0.5, 0.01) << alpha;
    EXPECT_NEAR(squares / kDraws, 1 / (4 * (2 * alpha + 1)), 0.005) << alpha;
  }
}

TEST(Mix, MixesEachPictureWithItsOppositeOfTheBatchAndSaysItsLabel) {
  Batch batch;
  batch.inputs = weights::make_tensor({3, 1, 1, 2}, std::vector<float>{0, 1, 10, 20, 100, 200});
  batch.labels = {0, 1, 2};
  mix(batch, 0.4, Random{1, 2});
  EXPECT_EQ(batch.labels, (std::vector<std::int64_t>{0, 1, 2}));
  EXPECT_EQ(batch.others, (std::vector<std::int64_t>{2, 1, 0}));
  EXPECT_EQ(batch.inputs.shape, (std::vector<std::int64_t>{3, 1, 1, 2}));
  const std::vector<float> mixed = batch.inputs.to_float();
  const double other = 1 - batch.share;
  const std::vector<double> expected{100 * other,       batch.share + 200 * other, 10, 20,
                                     100 * batch.share, 200 * batch.share + other};
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(mixed[i], expected[i], 1e-4) << i;
}

TEST(Mix, IsOfTrainingAlone) {
  const PictureSet set = testing_support::drawn_set(160, 16);
  Options options;
  options.training.batch = 8;
  options.training.mix = 0.4;
  const std::vector<Split> splits = split_by_patient(set.patients, set.labels, 0.25, 0.25, 42);
  const PictureBatches batches(set, splits, options);
  const Batch one = batches.training(0, 0), next = batches.training(0, 1);
  EXPECT_EQ(one.others.size(), one.labels.size());
  EXPECT_NE(one.share, next.share);
  EXPECT_TRUE(batches.validation(0).others.empty());
  EXPECT_EQ(batches.training(0, 1).inputs.to_float(), next.inputs.to_float());
}

}  // namespace
}  // namespace thorax::learn
