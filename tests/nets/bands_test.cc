// Bands of detail brought to one energy.
#include "nets/bands.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "nets/draws.h"
#include "nets/registry.h"
#include "nets/resnet.h"

namespace thorax::nets {
namespace {

constexpr std::int64_t kSide = 64;
const prepare::BandOptions kOne{.bands = 1}, kThree{.bands = 3};

/// [1, 1, 64, 64] of +size and -size in turn: what the finest band holds and no other.
at::Tensor checks(float size) {
  const at::Tensor line = at::arange(kSide).remainder(2).mul(2).sub(1).to(at::kFloat);
  return at::outer(line, line).mul_(size).reshape({1, 1, kSide, kSide});
}

at::Tensor noise(std::int64_t pictures, std::int64_t channels) {
  seed_draws(1);
  return at::randn({pictures, channels, kSide, kSide}, draws(), at::kFloat);
}

/// The picture without the ten pixels next to its edges.
at::Tensor inside(const at::Tensor& x) {
  return x.narrow(2, 10, kSide - 20).narrow(3, 10, kSide - 20);
}

TEST(Bands, APictureWithoutDetailStaysToItsEdges) {
  const at::Tensor flat = at::full({2, 1, kSide, kSide}, 0.7F);
  EXPECT_LT((equal_bands(flat, kThree) - flat).abs().max().item<double>(), 1e-6);
}

TEST(Bands, WhateverItsContrastABandGetsTheWantedEnergy) {
  for (const float contrast : {0.05F, 0.2F, 1.F}) {
    const at::Tensor y = inside(equal_bands(checks(contrast) + 0.5, kOne)) - 0.5;
    EXPECT_NEAR(y.square().mean().sqrt().item<double>(), kOne.finest, 0.02 * kOne.finest);
    EXPECT_GT((y * inside(checks(1))).min().item<double>(), 0) << "the pattern is another";
  }
}

TEST(Bands, HardlyAnyDetailIsNotMultipliedBeyondTheBound) {
  const float faint = 1e-4F;
  const at::Tensor y = inside(equal_bands(checks(faint), kOne));
  EXPECT_NEAR(y.abs().max().item<double>(), kOne.most * double{faint}, 0.01 * double{faint});
}

TEST(Bands, TwiceTheDetailLooksTheSame) {
  const at::Tensor x = noise(1, 1), large = at::linspace(-1, 1, kSide).reshape({1, 1, kSide, 1});
  const at::Tensor once = equal_bands(large + 0.5 * x, kThree),
                   twice = equal_bands(large + x, kThree);
  // What no band holds is left as it is: noise smoothed over a dozen pixels.
  EXPECT_LT(inside(once - twice).square().mean().sqrt().item<double>(), 0.05);
  EXPECT_GT(inside(x).mul(0.5).square().mean().sqrt().item<double>(), 0.4);
}

TEST(Bands, WhatLiesInTheMarginDoesNotCountForTheMiddle) {
  const at::Tensor x = noise(1, 1) * 0.1;
  at::Tensor marked = x.clone();
  marked.narrow(2, 0, 4).narrow(3, 0, 4).fill_(1);
  const prepare::BandOptions one{.bands = 1};
  EXPECT_TRUE(inside(equal_bands(marked, one)).equal(inside(equal_bands(x, one))));
}

TEST(Bands, PicturesAndChannelsDoNotMeet) {
  const at::Tensor x = noise(3, 2) * at::tensor({0.1F, 1.F, 3.F}).reshape({3, 1, 1, 1});
  const at::Tensor all = equal_bands(x, kThree);
  for (std::int64_t b = 0; b < 3; ++b)
    for (std::int64_t c = 0; c < 2; ++c) {
      const at::Tensor alone = equal_bands(x.narrow(0, b, 1).narrow(1, c, 1), kThree);
      EXPECT_TRUE(all.narrow(0, b, 1).narrow(1, c, 1).allclose(alone, 1e-5, 1e-6));
    }
}

TEST(Bands, AGreyPictureInThreeChannelsLooksAsInOne) {
  const at::Tensor grey = noise(2, 1), shown = grey.expand({-1, 3, -1, -1});
  EXPECT_TRUE(equal_bands(shown.contiguous(), kThree)
                  .equal(equal_bands(grey, kThree).expand({-1, 3, -1, -1})));
}

TEST(Bands, ANetworkAnswersWhatOneWithoutThemSaysOfTheChangedPicture) {
  ResNetOptions options = resnet18(/*classes=*/2, /*in_channels=*/1);
  ResNet without(options);
  options.bands = kThree;
  ResNet with(options);
  seed_draws(2);
  const auto given = without->parameters(), taken = with->parameters();
  const at::NoGradGuard no_gradients;
  for (std::size_t i = 0; i < given.size(); ++i) {
    given[i].fill_(1);
    if (given[i].dim() > 1) given[i].copy_(at::randn(given[i].sizes(), draws(), at::kFloat) * 0.05);
    taken[i].copy_(given[i]);
  }
  for (ResNet network : {without, with}) {
    network->eval();
    for (const auto& buffer : network->named_buffers())
      buffer.value().fill_(buffer.key().ends_with("running_var") ? 1 : 0);
  }
  const at::Tensor x = noise(2, 1);
  const at::Tensor answer = with->classify(with->steps(x).pooled);
  EXPECT_TRUE(answer.equal(without->classify(without->steps(equal_bands(x, kThree)).pooled)));
  EXPECT_FALSE(answer.allclose(without->classify(without->steps(x).pooled)));
}

TEST(Bands, MoreThanThereAreIsAnError) {
  for (const int bands : {-1, 7}) {
    try {
      make_network("resnet", {{"bands", bands}});
      FAIL() << bands << " bands are no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "bad_network_config"_code);
    }
  }
  EXPECT_NO_THROW(make_network("resnet", {{"bands", prepare::kMostBands}}));
}

}  // namespace
}  // namespace thorax::nets
