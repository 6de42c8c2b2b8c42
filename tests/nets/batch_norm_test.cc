// What batch normalisation keeps while a network trains.
#include <gtest/gtest.h>

#include "nets/layers.h"

namespace thorax::nets {
namespace {

/// A fresh norm over one channel that was shown batches of two values each.
BatchNorm shown(const std::vector<std::pair<double, double>>& batches) {
  BatchNorm norm(1);
  const at::NoGradGuard no_gradients;
  norm->weight.fill_(1);
  norm->bias.zero_();
  norm->running_mean.zero_();
  norm->running_var.fill_(1);
  norm->train();
  for (const auto& [one, other] : batches)
    norm->forward(at::tensor({one, other}, at::kFloat).view({2, 1}));
  return norm;
}

TEST(BatchNormTraining, ForgetsWhatItBeganWithAtTheFirstBatch) {
  const BatchNorm norm = shown({{8, 12}});
  EXPECT_FLOAT_EQ(norm->running_mean.item<float>(), 10);
  EXPECT_FLOAT_EQ(norm->running_var.item<float>(), 8) << "unbiased, of two values";
}

TEST(BatchNormTraining, AveragesTheFirstTenBatchesThenMovesOnByATenth) {
  std::vector<std::pair<double, double>> batches;
  for (int i = 1; i <= 10; ++i) batches.emplace_back(i, i);
  EXPECT_NEAR(shown(batches)->running_mean.item<double>(), 5.5, 1e-5);
  batches.emplace_back(15.5, 15.5);
  EXPECT_NEAR(shown(batches)->running_mean.item<double>(), 5.5 * 0.9 + 1.55, 1e-5);
}

}  // namespace
}  // namespace thorax::nets
