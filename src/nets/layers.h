// Modules that hold weights. They differ from torch::nn's in one thing: memory is reserved but not
// given values, because a checkpoint fills it (drawing 438 million random numbers first takes
// seconds). Training from nothing has to initialise them by itself.
#pragma once

#include "nets/made_from.h"
#include "nets/packed_linear.h"
#include "nets/precision.h"

namespace thorax::nets {

using at::Tensor;

/// A child without weights of its own, for keys with a level that means nothing else ("layers.0").
std::shared_ptr<torch::nn::Module> add_group(torch::nn::Module& parent, const std::string& name);

/// x / max(||x||, 1e-12) over the last axis.
Tensor l2_normalise(const Tensor& x);

/// Throws Error("bad_network_input"_code) unless `pictures` is [B, channels, size, size].
void require_pictures(const std::string& network, const Tensor& pictures, std::int64_t channels,
                      std::int64_t size);

/// y = x weight^T + bias; weight [out, in]. Without gradients on a processor, with
/// weights that are packed once.
struct LinearImpl : torch::nn::Module {
  LinearImpl(std::int64_t in, std::int64_t out, bool with_bias = true);
  Tensor forward(const Tensor& x) const;
  Tensor weight, bias;

 private:
  std::shared_ptr<MadeFrom<PackedLinear>> packed_ = std::make_shared<MadeFrom<PackedLinear>>();
};
TORCH_MODULE(Linear);

/// Over the last axis.
struct LayerNormImpl : torch::nn::Module, KeepsFp32 {
  LayerNormImpl(std::int64_t size, double epsilon);
  Tensor forward(const Tensor& x) const {
    return at::layer_norm(x.to(weight.scalar_type()), {weight.size(0)}, weight, bias, epsilon_);
  }
  Tensor weight, bias;

 private:
  double epsilon_;
};
TORCH_MODULE(LayerNorm);

/// Rows of weight [count, size] by index.
struct EmbeddingImpl : torch::nn::Module {
  EmbeddingImpl(std::int64_t count, std::int64_t size);
  Tensor forward(const Tensor& ids) const { return at::embedding(weight, ids); }
  Tensor weight;
};
TORCH_MODULE(Embedding);

/// Inference-time and training batch normalisation over axis 1 of a tensor of any rank
/// (BatchNorm1d, 2d and 3d): y = (x - mean) / sqrt(variance + epsilon) * weight + bias.
struct BatchNormImpl : torch::nn::Module {
  explicit BatchNormImpl(std::int64_t channels, double epsilon = 1e-5, double momentum = 0.1);
  Tensor forward(const Tensor& x);
  Tensor weight, bias, running_mean, running_var, num_batches_tracked;

 private:
  double epsilon_, momentum_;
};
TORCH_MODULE(BatchNorm);

struct ConvOptions {
  std::vector<std::int64_t> kernel;  ///< one size an axis: two for Conv2d, three for Conv3d
  std::vector<std::int64_t> stride = {1};
  std::vector<std::int64_t> padding = {0};
  std::vector<std::int64_t> dilation = {1};
  std::int64_t groups = 1;
  bool bias = true;
};

/// Convolution with zero padding over the trailing axes; weight [out, in / groups, kernel...].
struct ConvImpl : torch::nn::Module {
  ConvImpl(std::int64_t in, std::int64_t out, ConvOptions options);
  Tensor forward(const Tensor& x) const;
  Tensor weight, bias;

 private:
  bool meets_one_pixel(const Tensor& x) const;

  ConvOptions options_;
};
TORCH_MODULE(Conv);

/// Transposed convolution whose kernel is its stride: every input voxel becomes a block of
/// `factor` voxels an axis. weight [in, out, factor...] with `axes` trailing axes.
struct UpsampleConvImpl : torch::nn::Module {
  UpsampleConvImpl(std::int64_t in, std::int64_t out, std::int64_t axes, std::int64_t factor,
                   bool with_bias);
  Tensor forward(const Tensor& x) const;
  Tensor weight, bias;
};
TORCH_MODULE(UpsampleConv);

/// A module that only gives its children a place in the keys, as an `nn.Sequential` does.
using Namespace = std::shared_ptr<torch::nn::Module>;
inline Namespace make_namespace() {
  return std::make_shared<torch::nn::Module>();
}

/// A picture cut into squares, each projected: a convolution whose stride is its kernel, as one
/// matrix product. weight [dim, channels, patch, patch].
struct PatchEmbeddingImpl : torch::nn::Module {
  PatchEmbeddingImpl(std::int64_t channels, std::int64_t dim, std::int64_t patch);
  /// [B, channels, height, width] -> [B, patches, dim], patches row by row.
  Tensor forward(const Tensor& pictures) const;
  Tensor weight, bias;
};
TORCH_MODULE(PatchEmbedding);

}  // namespace thorax::nets
