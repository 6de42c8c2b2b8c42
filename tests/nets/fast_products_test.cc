// What makes networks fast on a processor gives the numbers of the library's own operations.
#include <gtest/gtest.h>

#include "nets/activation.h"
#include "nets/attention.h"
#include "nets/bf16.h"
#include "nets/layers.h"
#include "nets/nearest_code.h"
#include "nets/packed_linear.h"
#include "nets/row_kernels.h"
#include "nets/small_products.h"

namespace thorax::nets {
namespace {

class FastProducts : public testing::Test {
 protected:
  void SetUp() override { at::manual_seed(7); }
};
class FastBfloat16 : public FastProducts {
 protected:
  void SetUp() override {
    FastProducts::SetUp();
    if (!has_fast_bfloat16()) GTEST_SKIP() << "this processor does not multiply bfloat16";
  }
};

TEST_F(FastProducts, ALinearLayerIsTheLibrarysForAnyNumberOfRows) {
  const c10::InferenceMode inference;
  const Tensor weight = at::randn({75, 53}), bias = at::randn({75});
  const PackedLinear packed(weight, bias);
  for (const std::int64_t rows : {1, 3, 64, 257}) {
    const Tensor x = at::randn({rows, 53}), expected = at::linear(x, weight, bias);
    const Tensor y = at::empty({rows, 75});
    packed.run(x.data_ptr(), rows, y.data_ptr());
    EXPECT_TRUE(at::allclose(y, expected, 1e-4, 1e-4)) << rows;
    const Tensor sum = at::ones({rows, 75});
    packed.add(x.data_ptr(), rows, sum.data_ptr<float>());
    EXPECT_TRUE(at::allclose(sum, expected + 1, 1e-4, 1e-4)) << rows;
  }
}

TEST_F(FastProducts, WeightsThatChangeArePackedAgain) {
  const at::NoGradGuard no_grad;
  Linear layer(160, 160);
  layer->eval();
  layer->weight.fill_(1);
  layer->bias.zero_();
  const Tensor x = at::ones({2, 160});
  EXPECT_EQ(layer->forward(x)[0][0].item<float>(), 160);
  layer->weight.detach().mul_(2);
  EXPECT_EQ(layer->forward(x)[0][0].item<float>(), 320);
  layer->bias.detach().fill_(3);
  EXPECT_EQ(layer->forward(x)[0][0].item<float>(), 323);
  layer->bias.detach().zero_();
  layer->weight.set_data(at::zeros({160, 160}));
  EXPECT_EQ(layer->forward(x)[0][0].item<float>(), 0);
}

TEST_F(FastProducts, GradientsGoThroughTheLibrary) {
  Linear layer(160, 160);
  layer->eval();
  {
    const at::NoGradGuard no_grad;
    layer->weight.fill_(1);
    layer->bias.zero_();
  }
  layer->forward(at::ones({1, 160})).sum().backward();
  EXPECT_EQ(layer->weight.grad().sum().item<float>(), 160 * 160);
}

TEST_F(FastBfloat16, ProductsOfAttentionAreTheLibrarys) {
  const Tensor a = at::randn({6, 24, 32}).to(at::kBFloat16),
               b = at::randn({6, 40, 32}).to(at::kBFloat16),
               c = at::randn({6, 32, 40}).to(at::kBFloat16);
  const Tensor out = at::empty({6, 24, 40});
  SmallProducts(6, 24, 32, 40, /*transposed=*/true).run(bits(a), bits(b), out.data_ptr<float>());
  EXPECT_TRUE(
      at::allclose(out, at::bmm(a.to(at::kFloat), b.to(at::kFloat).transpose(1, 2)), 1e-3, 1e-3));
  SmallProducts(6, 24, 32, 40, /*transposed=*/false).run(bits(a), bits(c), out.data_ptr<float>());
  EXPECT_TRUE(at::allclose(out, at::bmm(a.to(at::kFloat), c.to(at::kFloat)), 1e-3, 1e-3));
}

TEST_F(FastBfloat16, RowsAreThoseOfTheLibraryRounded) {
  constexpr double kRound = 1.0 / 256;
  const Tensor x = at::randn({5, 77}) * 3, scale = at::randn({77}), shift = at::randn({77});
  Tensor out = at::empty({5, 77}, at::kBFloat16);
  normalise(x.data_ptr<float>(), 5, 77, scale.data_ptr<float>(), shift.data_ptr<float>(), 1e-5F,
            bits(out));
  EXPECT_TRUE(
      at::allclose(out.to(at::kFloat), at::layer_norm(x, {77}, scale, shift, 1e-5), kRound, 1e-5));

  const Tensor bias = at::randn({77}) * 4;
  const float total = exponentials(x.data_ptr<float>(), bias.data_ptr<float>(), 77, bits(out));
  EXPECT_TRUE(
      at::allclose(out[0].to(at::kFloat) / total, at::softmax(x[0] + bias, -1), kRound, 1e-6));
  // What is far below the maximum is nothing, not an overflow.
  const Tensor far = at::tensor({0.0F, -200.0F, -88.5F});
  EXPECT_EQ(exponentials(far.data_ptr<float>(), nullptr, 3, bits(out)), 1.0F);

  const Tensor both = (at::randn({5, 2 * 77}) * 3).to(at::kBFloat16);
  gate(bits(both), 5, 77, bits(out));
  const auto halves = both.to(at::kFloat).chunk(2, -1);
  EXPECT_TRUE(at::allclose(out.to(at::kFloat), halves[0] * at::gelu(halves[1]), kRound, 1e-5));

  // [rows][heads * n] to [heads][rows][n]
  const Tensor heads = at::randn({5, 2 * 7}).to(at::kBFloat16);
  Tensor units = at::empty({2, 5, 7}, at::kBFloat16);
  unit_heads(bits(heads), 5, 14, 2, 7, scale.data_ptr<float>(), bits(units));
  const Tensor expected =
      l2_normalise(heads.to(at::kFloat).view({5, 2, 7}).transpose(0, 1)) * scale.narrow(0, 0, 7);
  EXPECT_TRUE(at::allclose(units.to(at::kFloat), expected, kRound, 1e-6));
}

// More queries than go at once, another number of keys, views with strides, a bias a head.
TEST_F(FastBfloat16, AttentionIsTheFormulas) {
  const c10::InferenceMode inference;
  const Tensor x = (at::randn({2, 250, 3 * 3 * 16})).to(at::kBFloat16);
  const auto parts = x.chunk(3, -1);
  const Tensor q = split_heads(parts[0], 3), k = split_heads(parts[1], 3).narrow(2, 0, 77),
               v = split_heads(parts[2], 3).narrow(2, 0, 77), bias = at::randn({3, 250, 77});
  const auto formula = [&](const Tensor& offsets) {
    const Tensor logits = at::matmul(q.to(at::kFloat), k.to(at::kFloat).transpose(-1, -2)) * 0.25;
    return at::matmul(at::softmax(logits + offsets, -1), v.to(at::kFloat))
        .transpose(1, 2)
        .reshape({2, 250, 48});
  };
  EXPECT_TRUE(
      at::allclose(attend(q, k, v, 0.25).to(at::kFloat), formula(at::zeros({1})), 0.02, 0.02));
  EXPECT_TRUE(at::allclose(attend(q, k, v, 0.25, bias).to(at::kFloat), formula(bias), 0.02, 0.02));
}

TEST_F(FastBfloat16, GeluIsTheLibrarysRounded) {
  const c10::InferenceMode inference;
  const Tensor x = at::linspace(-9, 9, 70'001).to(at::kBFloat16);
  EXPECT_TRUE(
      at::allclose(nets::gelu(x).to(at::kFloat), at::gelu(x.to(at::kFloat)), 1.0 / 256, 1e-5));
}

TEST_F(FastBfloat16, TheMostSimilarCodeIsTheExactOne) {
  // Many codes that bfloat16 cannot tell apart, and one pair that is the same.
  const Tensor centre = at::randn({1, 48});
  Tensor codes = at::cat({at::randn({300, 48}), centre + 1e-3 * at::randn({300, 48})});
  codes[599].copy_(codes[400]);
  const Tensor tokens = at::cat(
      {at::randn({70, 48}), centre + 1e-3 * at::randn({70, 48}), codes.narrow(0, 599, 1) * 3});
  const Tensor expected =
      at::mm(l2_normalise(tokens).to(at::kDouble), l2_normalise(codes).to(at::kDouble).t());
  const Tensor found = NearestCode(codes)(tokens);
  const Tensor lost =
      std::get<0>(expected.max(1)) - expected.gather(1, found.unsqueeze(1)).squeeze(1);
  EXPECT_LT(lost.max().item<double>(), 1e-6);
  EXPECT_EQ(found[140].item<std::int64_t>(), 400);
}

}  // namespace
}  // namespace thorax::nets
