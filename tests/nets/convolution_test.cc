// Convolutions against the library's own, values and gradients.
#include <gtest/gtest.h>

#include <limits>

#include "nets/layers.h"

namespace thorax::nets {
namespace {

struct Shape {
  std::vector<std::int64_t> input, kernel;
  std::int64_t stride = 1, dilation = 1, groups = 1;
};

class Convolution : public testing::TestWithParam<Shape> {};

INSTANTIATE_TEST_SUITE_P(
    Shapes, Convolution,
    testing::Values(Shape{{2, 8, 1, 1}, {3, 3}, 2}, Shape{{2, 8, 1, 1}, {3, 3}, 1, 2},
                    Shape{{2, 8, 1, 1}, {7, 7}, 1, 1, 4}, Shape{{2, 8, 1, 1, 1}, {3, 3, 3}, 2},
                    Shape{{2, 8, 1, 1, 3}, {3, 3, 3}, 2}, Shape{{2, 8, 2, 2}, {3, 3}, 2}));

TEST_P(Convolution, OfFewPixelsIsThatOfTheLibrary) {
  const Shape& shape = GetParam();
  at::manual_seed(1);
  const auto axes = static_cast<std::int64_t>(shape.kernel.size());
  const std::int64_t padding = shape.dilation * (shape.kernel[0] / 2);
  Conv convolution(8, 16,
                   ConvOptions{.kernel = shape.kernel,
                               .stride = {shape.stride},
                               .padding = {padding},
                               .dilation = {shape.dilation},
                               .groups = shape.groups});
  torch::NoGradGuard filling;
  convolution->weight.normal_();
  convolution->bias.normal_();
  const at::Tensor input = at::randn(shape.input);
  torch::AutoGradMode learning(true);
  const at::Tensor known = convolution->weight.detach().clone().requires_grad_(true);
  const std::vector<std::int64_t> all(static_cast<std::size_t>(axes), 0);
  const auto same = [&](std::int64_t value) {
    return std::vector<std::int64_t>(static_cast<std::size_t>(axes), value);
  };
  const at::Tensor expected =
      at::convolution(input, known, convolution->bias.detach(), same(shape.stride), same(padding),
                      same(shape.dilation), false, all, shape.groups);
  const at::Tensor found = convolution->forward(input);
  EXPECT_TRUE(at::allclose(found, expected, 1e-5, 1e-5));
  expected.square().sum().backward();
  found.square().sum().backward();
  EXPECT_TRUE(at::allclose(convolution->weight.grad(), known.grad(), 1e-4, 1e-3));
}

TEST(Convolution, LearnsFromOnePixelInBfloat16) {
  // Memory that held no numbers before is what the library leaves in such gradients.
  for (int i = 0; i < 10; ++i) {
    {
      const at::Tensor junk =
          at::full({512 * 256 * 9}, std::numeric_limits<double>::quiet_NaN(), at::kBFloat16);
    }
    Conv convolution(256, 512,
                     ConvOptions{.kernel = {3, 3}, .stride = {2}, .padding = {1}, .bias = false});
    {
      const torch::NoGradGuard filling;
      convolution->weight.normal_();
      convolution->weight.set_data(convolution->weight.to(at::kBFloat16));
    }
    convolution->forward(at::randn({8, 256, 1, 1})).square().sum().backward();
    const at::Tensor gradient = convolution->weight.grad();
    EXPECT_TRUE(gradient.isfinite().all().item<bool>());
    EXPECT_EQ(gradient.select(2, 0).abs().max().item<double>(), 0);
    EXPECT_GT(gradient.select(2, 1).select(2, 1).abs().max().item<double>(), 0);
  }
}

}  // namespace
}  // namespace thorax::nets
