#include "nets/unet_blocks.h"

namespace thorax::nets {
namespace {

Tensor normalised(const Tensor& x) {
  return at::instance_norm(x, {}, {}, {}, {}, /*use_input_stats=*/true, /*momentum=*/0.1,
                           /*eps=*/1e-5, /*cudnn_enabled=*/true);
}

// In place: `x` is always a value nobody else holds.
Tensor rectified(Tensor x) {
  return at::leaky_relu_(x, 0.01);
}

Conv convolution(torch::nn::Module& parent, const std::string& name, std::int64_t in,
                 std::int64_t out, std::int64_t kernel) {
  auto place = parent.register_module(name, make_namespace());
  return place->register_module("conv", Conv(in, out,
                                             ConvOptions{.kernel = {kernel, kernel, kernel},
                                                         .padding = {kernel / 2},
                                                         .bias = false}));
}

}  // namespace

UnetResBlockImpl::UnetResBlockImpl(std::int64_t in, std::int64_t out) {
  conv1_ = convolution(*this, "conv1", in, out, 3);
  conv2_ = convolution(*this, "conv2", out, out, 3);
  if (in != out) conv3_ = convolution(*this, "conv3", in, out, 1);
}

Tensor UnetResBlockImpl::forward(Tensor x) {
  Tensor y = rectified(normalised(conv1_->forward(x)));
  if (!conv3_.is_empty()) x = normalised(conv3_->forward(x));
  y = normalised(conv2_->forward(y));
  y += x;
  return rectified(y);
}

UnetrBlockImpl::UnetrBlockImpl(std::int64_t in, std::int64_t out) {
  block_ = register_module("layer", UnetResBlock(in, out));
}

UnetrUpBlockImpl::UnetrUpBlockImpl(std::int64_t in, std::int64_t out) {
  auto place = register_module("transp_conv", make_namespace());
  upsample_ = place->register_module(
      "conv", UpsampleConv(in, out, /*axes=*/3, /*factor=*/2, /*with_bias=*/false));
  block_ = register_module("conv_block", UnetResBlock(2 * out, out));
}

Tensor UnetrUpBlockImpl::forward(Tensor x, Tensor skip) {
  x = upsample_->forward(x);
  x = at::cat({x, skip}, 1);
  skip.reset();
  return block_->forward(std::move(x));
}

}  // namespace thorax::nets
