#include "nets/body_part_regression.h"

namespace thorax::nets {

BodyPartRegressionImpl::BodyPartRegressionImpl() {
  conv6_ = register_module("conv6", Conv(512, 512, ConvOptions{.kernel = {1, 1}}));
  fc7_ = register_module("fc7", Linear(512, 1));
  auto model = register_module("model", make_namespace());
  std::int64_t in = 1, index = 0;
  for (const auto& widths : std::vector<std::vector<std::int64_t>>{
           {64, 64}, {128, 128}, {256, 256, 256}, {512, 512, 512}, {512, 512, 512}}) {
    auto& stage = stages_.emplace_back();
    for (const std::int64_t out : widths) {
      stage.push_back(model->register_module(
          std::to_string(index), Conv(in, out,
                                      ConvOptions{.kernel = {3, 3},
                                                  .padding = {1},
                                                  // Three channels became one, without a bias.
                                                  .bias = index > 0})));
      in = out;
      index += 2;  // a ReLU follows
    }
    ++index;  // the pool
  }
}

BodyPartSteps BodyPartRegressionImpl::steps(const Tensor& slices) {
  Tensor x = slices;
  for (auto& stage : stages_) {
    for (Conv& convolution : stage) x = at::relu(convolution->forward(x));
    x = at::max_pool2d(x, {2, 2}, {2, 2});
  }
  BodyPartSteps steps{
      .features = x, .conv6 = at::relu(conv6_->forward(x)), .pooled = {}, .scores = {}};
  steps.pooled = steps.conv6.mean(at::IntArrayRef{2, 3});
  steps.scores = fc7_->forward(steps.pooled);
  return steps;
}

}  // namespace thorax::nets
