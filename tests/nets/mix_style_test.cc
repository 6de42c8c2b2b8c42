// Feature statistics exchanged between the inputs of a batch.
#include "nets/mix_style.h"

#include <gtest/gtest.h>

#include "nets/draws.h"

namespace thorax::nets {
namespace {

struct Statistics {
  at::Tensor mean, deviation;  ///< [B, C]
};

Statistics statistics_of(const at::Tensor& x) {
  return {x.mean({2, 3}), x.var({2, 3}, /*unbiased=*/false).sqrt()};
}

/// Two inputs that differ in level and contrast.
at::Tensor two_inputs() {
  seed_draws(1);
  at::Tensor x = at::randn({2, 3, 8, 8}, draws(), at::kFloat);
  x[1].mul_(4).add_(10);
  return x;
}

TEST(MixStyle, StatisticsLieBetweenThoseOfTwoInputsAndTheRestStays) {
  const at::Tensor x = two_inputs();
  const Statistics own = statistics_of(x);
  const at::Tensor shape = (x - x.mean({2, 3}, true)) / own.deviation.unsqueeze(-1).unsqueeze(-1);
  int changed = 0, mixed = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    seed_draws(seed);
    const at::Tensor y = mix_style(x, /*training=*/true);
    if (y.is_same(x)) continue;
    ++changed;
    const Statistics got = statistics_of(y);
    // Where 0 is what it was, 1 is what the other input has; a draw may also keep its own.
    const at::Tensor way = (got.mean - own.mean) / (own.mean.flip({0}) - own.mean);
    EXPECT_GE(way.min().item<float>(), -1e-4);
    EXPECT_LE(way.max().item<float>(), 1 + 1e-4);
    const at::Tensor same_way =
        (got.deviation - own.deviation) / (own.deviation.flip({0}) - own.deviation);
    EXPECT_LT((way - same_way).abs().max().item<float>(), 1e-3);
    EXPECT_LT((way.select(1, 0) - way.select(1, 2)).abs().max().item<float>(), 1e-3)
        << "one share an input, whatever the channel";
    mixed += way.max().item<float>() > 0.5F ? 1 : 0;
    const at::Tensor got_shape =
        (y - y.mean({2, 3}, true)) / got.deviation.unsqueeze(-1).unsqueeze(-1);
    EXPECT_LT((got_shape - shape).abs().max().item<float>(), 1e-3);
  }
  EXPECT_NEAR(changed, 100, 30) << "half of the batches";
  EXPECT_GT(mixed, changed / 4);
  EXPECT_LT(mixed, changed);
}

TEST(MixStyle, TheSameSeedGivesTheSame) {
  const at::Tensor x = two_inputs();
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    seed_draws(seed);
    const at::Tensor once = mix_style(x, true);
    seed_draws(seed);
    EXPECT_TRUE(once.equal(mix_style(x, true)));
  }
}

TEST(MixStyle, NothingIsMixedWithOneInputOrAfterTraining) {
  const at::Tensor x = two_inputs();
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    seed_draws(seed);
    EXPECT_TRUE(mix_style(x, false).is_same(x));
    EXPECT_TRUE(mix_style(x.slice(0, 0, 1), true).equal(x.slice(0, 0, 1)));
  }
}

TEST(MixStyle, NoGradientFlowsThroughTheStatistics) {
  at::Tensor x = two_inputs().requires_grad_();
  seed_draws(0);
  at::Tensor y = mix_style(x, true);
  for (std::uint64_t seed = 1; y.is_same(x); ++seed) {
    seed_draws(seed);
    y = mix_style(x, true);
  }
  y.sum().backward();
  // Through them the gradient of a channel's sum would differ from one scale for all of it.
  const at::Tensor gradient = x.grad().flatten(2);
  EXPECT_EQ((gradient - gradient.select(2, 0).unsqueeze(-1)).abs().max().item<float>(), 0);
}

}  // namespace
}  // namespace thorax::nets
