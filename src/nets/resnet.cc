#include "nets/resnet.h"

#include <algorithm>

#include "nets/bands.h"
#include "nets/mix_style.h"

namespace thorax::nets {
namespace {

constexpr std::int64_t kFirstPlanes = 64;

std::int64_t expansion(const ResNetOptions& options) {
  return options.bottleneck ? 4 : 1;
}

std::vector<std::int64_t> on_every_axis(const ResNetOptions& options, std::int64_t value) {
  return std::vector<std::int64_t>(static_cast<std::size_t>(options.axes), value);
}

// In place: `x` is always a value nobody else holds.
Tensor rectified(Tensor x) {
  return at::relu_(x);
}

}  // namespace

ResNetOptions resnet18(std::int64_t classes, std::int64_t in_channels) {
  return {.in_channels = in_channels, .classes = classes};
}

ResNetOptions resnet50(std::int64_t classes, std::int64_t in_channels) {
  return {
      .in_channels = in_channels, .classes = classes, .blocks = {3, 4, 6, 3}, .bottleneck = true};
}

ResNetOptions r3d_18(std::int64_t classes) {
  return {.axes = 3,
          .classes = classes,
          .layout = ResNetLayout::video,
          .stem_kernel = {3, 7, 7},
          .stem_stride = {1, 2, 2},
          .stem_padding = {1, 3, 3},
          .stem_pool = false};
}

ResNetOptions medicalnet_resnet18(ResNetShortcut shortcut) {
  return {.axes = 3, .in_channels = 1, .shortcut = shortcut, .dilated = true};
}

ResNetOptions monai_resnet18(std::int64_t classes, std::int64_t stem_stride,
                             ResNetShortcut shortcut, bool shortcut_bias) {
  return {.axes = 3,
          .in_channels = 1,
          .classes = classes,
          .shortcut = shortcut,
          .shortcut_bias = shortcut_bias,
          .stem_stride = {stem_stride}};
}

// The library has no such step for bfloat16; the highest of rounded values is a rounded value.
Tensor highest_of_volume(const Tensor& x) {
  return at::max_pool3d(widen(x), {3, 3, 3}, {2, 2, 2}, {1, 1, 1}).to(x.scalar_type());
}

Tensor global_mean(const Tensor& x) {
  return x.flatten(2).mean(-1);
}

ResidualBlockImpl::ResidualBlockImpl(const ResNetOptions& options, std::int64_t in,
                                     std::int64_t planes, std::int64_t stride,
                                     std::int64_t dilation)
    : stride_(stride),
      out_(planes * expansion(options)),
      changes_shape_(stride != 1 || in != out_) {
  if (options.bottleneck) {
    add(options, in, planes, 1, 1, 1);
    add(options, planes, planes, 3, stride, dilation);
    add(options, planes, out_, 1, 1, 1);
  } else {
    add(options, in, planes, 3, stride, dilation);
    add(options, planes, planes, 3, 1, dilation);
  }
  if (!changes_shape_ || options.shortcut == ResNetShortcut::zeros) return;
  auto place = register_module("downsample", make_namespace());
  shortcut_ = place->register_module("0", Conv(in, out_,
                                               ConvOptions{.kernel = on_every_axis(options, 1),
                                                           .stride = {stride},
                                                           .bias = options.shortcut_bias}));
  shortcut_norm_ = place->register_module("1", BatchNorm(out_));
}

void ResidualBlockImpl::add(const ResNetOptions& options, std::int64_t in, std::int64_t out,
                            std::int64_t kernel, std::int64_t stride, std::int64_t dilation) {
  const std::string number = std::to_string(convolutions_.size() + 1);
  Conv convolution(in, out,
                   ConvOptions{.kernel = on_every_axis(options, kernel),
                               .stride = {stride},
                               .padding = {kernel / 2 * dilation},
                               .dilation = {dilation},
                               .bias = false});
  const BatchNorm norm(out);
  if (options.layout == ResNetLayout::video) {
    auto place = register_module("conv" + number, make_namespace());
    place->register_module("0", convolution);
    place->register_module("1", norm);
  } else {
    register_module("conv" + number, convolution);
    register_module("bn" + number, norm);
  }
  convolutions_.push_back(convolution);
  norms_.push_back(norm);
}

Tensor ResidualBlockImpl::shortcut(const Tensor& x) {
  if (!changes_shape_) return x;
  if (!shortcut_.is_empty()) return shortcut_norm_->forward(shortcut_->forward(x));
  Tensor kept = x.detach();
  for (std::int64_t axis = 2; axis < x.dim(); ++axis) {
    kept = kept.slice(axis, 0, c10::nullopt, stride_);
  }
  std::vector<std::int64_t> padding(static_cast<std::size_t>(2 * (x.dim() - 1)), 0);
  padding.back() = out_ - x.size(1);
  return at::constant_pad_nd(kept, padding);
}

Tensor ResidualBlockImpl::forward(const Tensor& x) {
  Tensor y = x;
  for (std::size_t i = 0; i < convolutions_.size(); ++i) {
    y = norms_[i]->forward(convolutions_[i]->forward(y));
    if (i + 1 < convolutions_.size()) y = rectified(y);
  }
  y += shortcut(x);
  return rectified(y);
}

ResNetTrunkImpl::ResNetTrunkImpl(const ResNetOptions& options)
    : pool_(options.stem_pool), mix_style_(options.mix_style), bands_(options.bands) {
  const auto spread = [&](std::vector<std::int64_t> values) {
    if (values.size() == 1) values = on_every_axis(options, values.front());
    return values;
  };
  stem_ = Conv(options.in_channels, kFirstPlanes,
               ConvOptions{.kernel = spread(options.stem_kernel),
                           .stride = spread(options.stem_stride),
                           .padding = spread(options.stem_padding),
                           .bias = false});
  stem_norm_ = BatchNorm(kFirstPlanes);
  if (options.layout == ResNetLayout::video) {
    auto place = register_module("stem", make_namespace());
    place->register_module("0", stem_);
    place->register_module("1", stem_norm_);
  } else {
    const bool numbered = options.layout == ResNetLayout::sequence;
    register_module(numbered ? "0" : "conv1", stem_);
    register_module(numbered ? "1" : "bn1", stem_norm_);
  }
  std::int64_t in = kFirstPlanes;
  for (std::size_t k = 0; k < options.blocks.size(); ++k) {
    const std::string number = std::to_string(k + 1);
    auto layer = register_module(
        options.layout == ResNetLayout::sequence ? std::to_string(k + 4) : "layer" + number,
        make_namespace());
    const bool dilated = options.dilated && k >= 2;
    const std::int64_t planes = kFirstPlanes << k, dilation = dilated ? 2 << (k - 2) : 1;
    auto& blocks = layers_.emplace_back();
    for (std::int64_t b = 0; b < options.blocks[k]; ++b) {
      const std::int64_t stride = b == 0 && k > 0 && !dilated ? 2 : 1;
      blocks.push_back(layer->register_module(
          std::to_string(b), ResidualBlock(options, in, planes, stride, dilation)));
      in = planes * expansion(options);
    }
  }
}

ResNetSteps ResNetTrunkImpl::steps(const Tensor& x) {
  ResNetSteps steps;
  const Tensor seen = bands_.bands > 0 ? equal_bands(x, bands_) : x;
  steps.stem = rectified(stem_norm_->forward(stem_->forward(seen)));
  if (pool_) {
    steps.stem = x.dim() == 4 ? at::max_pool2d(steps.stem, {3, 3}, {2, 2}, {1, 1})
                              : highest_of_volume(steps.stem);
  }
  Tensor y = steps.stem;
  for (auto& blocks : layers_) {
    for (ResidualBlock& block : blocks) y = block->forward(y);
    if (mix_style_ && steps.layers.size() < 2) y = mix_style(y, is_training());
    steps.layers.push_back(y);
  }
  steps.pooled = global_mean(y);
  return steps;
}

ResNetImpl::ResNetImpl(const ResNetOptions& options) : ResNetTrunkImpl(options) {
  fc_ = register_module("fc", Linear(options.features(), options.classes));
}

MedicalNetImpl::MedicalNetImpl(const ResNetOptions& options, std::int64_t classes)
    : ResNetTrunkImpl(options) {
  constexpr std::int64_t kChannels = 32;
  auto place = register_module("conv_seg", make_namespace());
  upsample_ = place->register_module(
      "0", UpsampleConv(options.features(), kChannels, /*axes=*/3, /*factor=*/2, true));
  norm1_ = place->register_module("1", BatchNorm(kChannels));
  conv_ = place->register_module(
      "3",
      Conv(kChannels, kChannels, ConvOptions{.kernel = {3, 3, 3}, .padding = {1}, .bias = false}));
  norm2_ = place->register_module("4", BatchNorm(kChannels));
  last_ = place->register_module(
      "6", Conv(kChannels, classes, ConvOptions{.kernel = {1, 1, 1}, .bias = false}));
}

Tensor MedicalNetImpl::segment(const Tensor& features) {
  const Tensor x = rectified(norm1_->forward(upsample_->forward(features)));
  return last_->forward(rectified(norm2_->forward(conv_->forward(x))));
}

}  // namespace thorax::nets
