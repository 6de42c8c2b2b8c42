#include "nets/slab_networks.h"

#include <algorithm>

#include "base/error.h"

namespace thorax::nets {

SlabInput parse_slab_input(std::string_view name) {
  if (name == "plain") return SlabInput::plain;
  if (name == "squeeze") return SlabInput::squeeze;
  if (name == "channel_attention") return SlabInput::channel_attention;
  throw Error("bad_option"_code, {{"option", "slab_input"},
                                  {"value", std::string(name)},
                                  {"hint", "plain, squeeze, channel_attention"}});
}

SlabResNetImpl::SlabResNetImpl(SlabInput input, std::int64_t channels, bool deep) : input_(input) {
  std::int64_t seen = channels;
  if (input == SlabInput::channel_attention) {
    const std::int64_t hidden = std::max<std::int64_t>(1, channels / 8);
    auto mlp = register_module("attn", make_namespace())->register_module("mlp", make_namespace());
    attention1_ = mlp->register_module("0", Linear(channels, hidden, /*with_bias=*/false));
    attention2_ = mlp->register_module("2", Linear(hidden, channels, /*with_bias=*/false));
  } else if (input == SlabInput::squeeze) {
    seen = 3;
    auto place = register_module("squeeze", make_namespace());
    squeeze_ = place->register_module(
        "0", Conv(channels, seen, ConvOptions{.kernel = {1, 1}, .bias = false}));
    squeeze_norm_ = place->register_module("1", BatchNorm(seen));
  }
  ResNetOptions options = deep ? resnet50(1, seen) : resnet18(1, seen);
  options.layout = ResNetLayout::sequence;
  backbone_ = register_module("backbone", ResNetTrunk(options));
  head_ = register_module("head", Linear(options.features(), 1));
}

SlabSteps SlabResNetImpl::steps(const Tensor& x) {
  SlabSteps steps;
  Tensor input = x;
  if (input_ == SlabInput::channel_attention) {
    const Tensor hidden = at::relu(attention1_->forward(global_mean(x)));
    steps.weights = at::sigmoid(attention2_->forward(hidden));
    input = x * steps.weights.unsqueeze(-1).unsqueeze(-1);
  } else if (input_ == SlabInput::squeeze) {
    input = steps.squeezed = at::relu(squeeze_norm_->forward(squeeze_->forward(x)));
  }
  steps.trunk = backbone_->steps(input);
  steps.logit = head_->forward(steps.trunk.pooled);
  return steps;
}

SlabCnnImpl::SlabCnnImpl(std::int64_t channels) {
  auto features = register_module("features", make_namespace());
  const auto add = [&](const char* name, std::int64_t in, std::int64_t out, std::int64_t kernel) {
    convolutions_.push_back(features->register_module(
        name,
        Conv(in, out,
             ConvOptions{.kernel = {kernel, kernel}, .stride = {2}, .padding = {kernel / 2}})));
  };
  add("0", channels, 32, 5);
  add("2", 32, 64, 3);
  add("4", 64, 128, 3);
  head_ = register_module("head", Linear(128, 1));
}

SlabCnnSteps SlabCnnImpl::steps(const Tensor& x) {
  SlabCnnSteps steps;
  Tensor y = x;
  for (Conv& convolution : convolutions_) {
    y = at::relu(convolution->forward(y));
    steps.features.push_back(y);
  }
  steps.pooled = global_mean(y);
  steps.logit = head_->forward(steps.pooled);
  return steps;
}

}  // namespace thorax::nets
