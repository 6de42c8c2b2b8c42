#include "nets/swin_unetr.h"

#include <algorithm>
#include <sstream>

#include "base/error.h"

namespace thorax::nets {
namespace {

Tensor grid_mean(const Tensor& x) {
  return x.mean(at::IntArrayRef{2, 3, 4});
}

void check_volume(const Tensor& volume, std::int64_t channels) {
  const auto refuse = [&](const std::string& detail) {
    std::ostringstream shape;
    shape << volume.sizes();
    throw Error("bad_network_input"_code,
                {{"network", "SwinUNETR"}, {"shape", shape.str()}, {"detail", detail}});
  };
  if (volume.dim() != 5 || volume.size(1) != channels) {
    refuse("[B, " + std::to_string(channels) + ", D, H, W]");
  }
  const auto sizes = volume.sizes().slice(2);
  if (std::any_of(sizes.begin(), sizes.end(), [](auto n) { return n <= 0 || n % 32 != 0; })) {
    refuse("D, H, W % 32 = 0");
  }
  if (*std::max_element(sizes.begin(), sizes.end()) < 64) refuse("max(D, H, W) >= 64");
}

}  // namespace

SwinUnetrImpl::SwinUnetrImpl(const SwinUnetrOptions& options) : options_(options) {
  const std::int64_t f = options.swin.feature_size;
  swin_ = register_module("swinViT", SwinTransformer(options.swin));
  encoder1_ = register_module("encoder1", UnetrBlock(options.swin.in_channels, f));
  encoder2_ = register_module("encoder2", UnetrBlock(f, f));
  encoder3_ = register_module("encoder3", UnetrBlock(2 * f, 2 * f));
  encoder4_ = register_module("encoder4", UnetrBlock(4 * f, 4 * f));
  encoder10_ = register_module("encoder10", UnetrBlock(16 * f, 16 * f));
  decoder5_ = register_module("decoder5", UnetrUpBlock(16 * f, 8 * f));
  decoder4_ = register_module("decoder4", UnetrUpBlock(8 * f, 4 * f));
  decoder3_ = register_module("decoder3", UnetrUpBlock(4 * f, 2 * f));
  decoder2_ = register_module("decoder2", UnetrUpBlock(2 * f, f));
  decoder1_ = register_module("decoder1", UnetrUpBlock(f, f));
  auto out = register_module("out", make_namespace())->register_module("conv", make_namespace());
  out_ = out->register_module("conv", Conv(f, options.classes, ConvOptions{.kernel = {1, 1, 1}}));
}

SwinFeatures SwinUnetrImpl::encode(const Tensor& volume) {
  check_volume(volume, options_.swin.in_channels);
  SwinFeatures features;
  features.hidden = swin_->forward(volume);
  features.encoded1 = encoder1_->forward(volume);
  features.encoded2 = encoder2_->forward(features.hidden[0]);
  features.encoded3 = encoder3_->forward(features.hidden[1]);
  features.encoded4 = encoder4_->forward(features.hidden[2]);
  features.encoded10 = encoder10_->forward(features.hidden[4]);
  return features;
}

Tensor SwinUnetrImpl::decode(SwinFeatures features) {
  features.hidden.resize(4);
  Tensor x = decoder5_->forward(std::move(features.encoded10), std::move(features.hidden[3]));
  features.hidden.clear();
  x = decoder4_->forward(std::move(x), std::move(features.encoded4));
  x = decoder3_->forward(std::move(x), std::move(features.encoded3));
  x = decoder2_->forward(std::move(x), std::move(features.encoded2));
  return decoder1_->forward(std::move(x), std::move(features.encoded1));
}

Tensor encoder_embedding(const SwinFeatures& features) {
  return at::cat(
      {grid_mean(features.encoded1), grid_mean(features.encoded2), grid_mean(features.encoded3),
       grid_mean(features.encoded4), grid_mean(features.encoded10)},
      1);
}

Tensor hidden_embedding(const SwinFeatures& features) {
  return at::cat({grid_mean(features.hidden.at(3)), grid_mean(features.hidden.at(4))}, 1);
}

}  // namespace thorax::nets
