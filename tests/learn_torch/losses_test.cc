#include "learn_torch/losses.h"

#include <gtest/gtest.h>

#include <cmath>

#include "learn/reference.h"
#include "support/golden.h"

namespace thorax::learn {
namespace {

constexpr double kBound = 1e-12;
constexpr double kFp32 = 1e-6;  // of references that were computed in fp32

nlohmann::json golden() {
  return testing_support::reference("s1_losses");
}

/// The golden's inputs, as numbers of double precision that learn.
at::Tensor logits(const std::string& key, std::int64_t rows, std::int64_t columns) {
  const std::vector<float> values =
      golden::input(key, static_cast<std::size_t>(rows * columns), 0, 3);
  return at::tensor(values).reshape({rows, columns}).to(at::kDouble).requires_grad_();
}

void expect_focal(const nlohmann::json& expected, double gamma, double alpha) {
  TrainingOptions options;
  options.loss = "focal";
  options.gamma = gamma;
  options.alpha = alpha;
  at::Tensor x = logits("input:s1_focal.logits", 6, 2);
  const auto labels = golden()["inputs"]["focal_target"].get<std::vector<std::int64_t>>();
  const at::Tensor loss = class_loss(x, at::tensor(labels), options) / 6;
  loss.backward();
  EXPECT_NEAR(loss.item<double>(), expected["value"].get<double>(), kBound);
  for (std::int64_t row = 0; row < 6; ++row)
    for (std::int64_t k = 0; k < 2; ++k)
      EXPECT_NEAR(x.grad()[row][k].item<double>(),
                  expected["grad"][static_cast<std::size_t>(row)][static_cast<std::size_t>(k)]
                      .get<double>(),
                  kBound);
}

TEST(Losses, FocalIsTheFirstSystems) {
  const nlohmann::json losses = golden()["losses"];
  expect_focal(losses["focal_gamma_0.0"], 0, -1);
  expect_focal(losses["focal_gamma_0.774384985433772"], 0.774384985433772, -1);
  expect_focal(losses["focal_gamma_2.0"], 2, -1);
  expect_focal(losses["focal_gamma_2_alpha_0.25"], 2, 0.25);
}

TEST(Losses, OfSlicesInOrderAreThePublishedOnes) {
  const nlohmann::json expected = testing_support::reference("bpr", "loss");
  std::vector<double> scores, gaps = expected["z"];
  for (const auto& row : expected["scores"])
    for (const double score : row) scores.push_back(score);
  const at::Tensor x = at::tensor(scores).reshape({3, 6});
  EXPECT_NEAR(order_loss(x, at::tensor(gaps)).item<double>() / 3,
              expected["order_h_alpha1_beta001"].get<double>(), kFp32);
  EXPECT_NEAR(even_loss(x).item<double>() / 3, expected["dist_smooth_l1"].get<double>(), kFp32);
}

// By hand: logits (2, 0) and softness 2 give p = e / (e + 1) = 0.731059; the teachers say 0.5.
TEST(Losses, OfTeachersIsTheDivergenceFromThem) {
  const at::Tensor logits = at::tensor({2.0, 0.0}).reshape({1, 2});
  const at::Tensor taught = at::tensor({0.5, 0.5}).reshape({1, 2});
  const double p = std::exp(1.0) / (std::exp(1.0) + 1);
  EXPECT_NEAR(teaching_loss(logits, taught, 2).item<double>(),
              4 * (0.5 * std::log(0.5 / p) + 0.5 * std::log(0.5 / (1 - p))), kBound);
  EXPECT_NEAR(teaching_loss(logits, at::softmax(logits / 2, 1), 2).item<double>(), 0, kBound);
}

TEST(Losses, WeighedBinaryCrossEntropyIsTheFirstSystems) {
  const nlohmann::json expected = golden()["losses"]["bce_pos_weight_20"];
  at::Tensor x = logits("input:s1_bce.logits", 5, 20);
  const at::Tensor targets = at::tensor(golden::input("input:s1_bce.target", 100))
                                 .gt(0.4)
                                 .to(at::kDouble)
                                 .reshape({5, 20});
  const at::Tensor weight =
      at::tensor(expected["pos_weight"].get<std::vector<double>>(), at::kDouble);
  const at::Tensor loss = question_loss(x, targets, weight) / 5;
  loss.backward();
  EXPECT_NEAR(loss.item<double>(), expected["value"].get<double>(), kBound);
  EXPECT_NEAR(x.grad().norm().item<double>(), expected["grad_l2"].get<double>(), kBound);
  const at::Tensor flat = x.grad().flatten();
  for (std::size_t i = 0; i < 8; ++i)
    EXPECT_NEAR(flat[static_cast<std::int64_t>(i)].item<double>(),
                expected["grad_first8"][i].get<double>(), kBound);
}

TEST(Losses, CrossEntropyIsFocalWithoutItsFactor) {
  TrainingOptions plain, focal;
  plain.smoothing = 0;
  focal.loss = "focal";
  focal.gamma = 0;
  const at::Tensor x = logits("input:s1_focal.logits", 6, 2);
  const at::Tensor labels = at::tensor(std::vector<std::int64_t>{0, 1, 0, 1, 1, 0});
  EXPECT_NEAR(class_loss(x, labels, plain).item<double>(),
              class_loss(x, labels, focal).item<double>(), kBound);
}

// Two classes, four voxels: the first input is right with certainty, of the second nothing is
// known.
TEST(Losses, DiceOfWhatIsKnown) {
  const at::Tensor classes =
      at::tensor(std::vector<std::int64_t>{0, 1, 1, 1, 0, 1, 1, 1}).reshape({2, 1, 2, 2});
  at::Tensor logits = at::zeros({2, 2, 1, 2, 2}, at::kDouble);
  logits[0][0].copy_(100 * classes[0].eq(0));
  logits[0][1].copy_(100 * classes[0].eq(1));
  const at::Tensor sure = dice_loss(logits.narrow(0, 0, 1), classes.narrow(0, 0, 1));
  EXPECT_NEAR(sure.item<double>(), 0, 1e-9);
  // P is one half everywhere: overlaps 0.5 and 1.5, sizes 2 + 1 and 2 + 3; ln 2 of entropy.
  const double dice = 1 - (2 * 0.5 / 3 + 2 * 1.5 / 5) / 2;
  const at::Tensor both = dice_loss(logits, classes);
  EXPECT_NEAR(both.item<double>(), dice + std::log(2.0), 1e-5);
}

TEST(TokenLoss, CountsEveryTokenButThoseBehindAnEnd) {
  // The likeliest of four is right in the first row; the second row knows nothing.
  const at::Tensor row = at::tensor({std::log(2.0), 0.0, 0.0, 0.0}, at::kDouble).repeat({3, 1}),
                   logits = at::stack({row, at::zeros_like(row)});
  const at::Tensor tokens = at::tensor({0, 0, -100, 3, -100, -100}, at::kLong).view({2, 3});
  EXPECT_NEAR(token_loss(logits, tokens).item<double>(), 2 * std::log(5.0 / 2) + std::log(4.0),
              kBound);
}

}  // namespace
}  // namespace thorax::learn
