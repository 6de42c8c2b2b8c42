// Classification heads on an embedding: a linear layer, or hidden layers before it.
#pragma once

#include <string_view>

#include "nets/layers.h"

namespace thorax::nets {

enum class Activation { relu, leaky_relu, gelu };
/// "relu", "leaky_relu" or "gelu"; throws Error("bad_option"_code) for anything else.
Activation parse_activation(std::string_view name);
/// leaky_relu has slope 0.01, gelu is exact (erf).
Tensor activate(const Tensor& x, Activation activation);

struct MlpHeadOptions {
  std::int64_t inputs = 512;
  std::vector<std::int64_t> hidden;  ///< sizes of the hidden layers; may be empty
  std::int64_t classes = 2;
  Activation activation = Activation::gelu;
  double dropout = 0;  ///< while training
  /// The embedding is divided by its L2 norm first (norms below 1e-12 count as 1e-12).
  bool normalise = true;
  /// With no hidden layer: activation and dropout still stand before the linear layer, whose key
  /// then is `layers.2` (as in training copies of the head) instead of `layers.0`.
  bool activate_input = false;
};

/// For every hidden size: linear, batch normalisation, activation, dropout; then linear to the
/// classes. One sequence `layers`, numbered through: hidden layer k has its linear at layers.{4k}
/// and its normalisation at layers.{4k+1}.
struct MlpHeadImpl : torch::nn::Module {
  explicit MlpHeadImpl(MlpHeadOptions options);
  /// [B, inputs] -> logits [B, classes].
  Tensor forward(const Tensor& embedding);
  /// What every element of the sequence gives, in order; the last are the logits.
  std::vector<Tensor> steps(const Tensor& embedding);

 private:
  MlpHeadOptions options_;
  std::vector<Linear> linears_;
  std::vector<BatchNorm> norms_;
};
TORCH_MODULE(MlpHead);

}  // namespace thorax::nets
