// The networks that read a few neighbouring slices at a time (2.5 dimensions) and say how likely
// the slab shows pathology: three residual networks over ten channels (five slices, two windows)
// and the small network of the published service (three channels, three windows).
#pragma once

#include <string_view>

#include "nets/resnet.h"

namespace thorax::nets {

enum class SlabInput {
  plain,              ///< the channels as they are
  squeeze,            ///< a 1x1 convolution to three channels first
  channel_attention,  ///< channels weighed first (Hu et al., Squeeze-and-Excitation, CVPR 2018)
};
/// "plain", "squeeze" or "channel_attention"; throws Error("bad_option"_code) for anything else.
SlabInput parse_slab_input(std::string_view name);

struct SlabSteps {
  Tensor weights;   ///< [B, channels], channel attention only
  Tensor squeezed;  ///< [B, 3, H, W], squeeze only
  ResNetSteps trunk;
  Tensor logit;  ///< [B, 1]
};

struct SlabResNetImpl : torch::nn::Module {
  /// `deep`: a ResNet-50 instead of a ResNet-18.
  SlabResNetImpl(SlabInput input, std::int64_t channels = 10, bool deep = false);
  /// [B, channels, H, W] in [0, 1].
  SlabSteps steps(const Tensor& x);
  Tensor forward(const Tensor& x) { return steps(x).logit; }

 private:
  SlabInput input_;
  Linear attention1_{nullptr}, attention2_{nullptr};
  Conv squeeze_{nullptr};
  BatchNorm squeeze_norm_{nullptr};
  ResNetTrunk backbone_{nullptr};
  Linear head_{nullptr};
};
TORCH_MODULE(SlabResNet);

struct SlabCnnSteps {
  std::vector<Tensor> features;  ///< after each of the three convolutions
  Tensor pooled;                 ///< [B, 128]
  Tensor logit;                  ///< [B, 1]
};

/// Three strided convolutions, mean, linear.
struct SlabCnnImpl : torch::nn::Module {
  explicit SlabCnnImpl(std::int64_t channels = 3);
  /// [B, channels, H, W].
  SlabCnnSteps steps(const Tensor& x);
  Tensor forward(const Tensor& x) { return steps(x).logit; }

 private:
  std::vector<Conv> convolutions_;
  Linear head_{nullptr};
};
TORCH_MODULE(SlabCnn);

}  // namespace thorax::nets
