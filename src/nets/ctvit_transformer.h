// The transformer of CTViT: layers of positional convolution, cosine attention and a gated
// feed-forward, each added to its input. Follows transformer_maskgit/attention.py of CT-CLIP.
#pragma once

#include "nets/ctvit_layer.h"
#include "nets/layers.h"
#include "nets/made_from.h"
#include "nets/precision.h"

namespace thorax::nets {

/// A token grid: batch, then three axes in the order the memory is read in.
struct TokenGrid {
  std::int64_t batch, first, second, third;
};

/// Layer norm with a trained scale (gamma) and a fixed shift that is a buffer (beta); eps 1e-5.
struct GammaNormImpl : torch::nn::Module, KeepsFp32 {
  explicit GammaNormImpl(std::int64_t dim);
  Tensor forward(const Tensor& x) const {
    return at::layer_norm(x.to(gamma.scalar_type()), {gamma.size(0)}, gamma, beta, 1e-5);
  }
  Tensor gamma, beta;
};
TORCH_MODULE(GammaNorm);

/// Position-encoding generator (Chu et al., arXiv 2102.10882): a depth-wise 3 x 3 x 3 convolution
/// over the token grid, causal along its first axis.
struct PositionGeneratorImpl : torch::nn::Module, KeepsFp32 {
  explicit PositionGeneratorImpl(std::int64_t dim);
  /// x + convolution of x [N, L, dim], whose memory is read as the grid with dim innermost.
  Tensor forward(const Tensor& x, const TokenGrid& grid) const;
  Conv dsconv{nullptr};
};
TORCH_MODULE(PositionGenerator);

struct CtvitAttentionImpl : torch::nn::Module {
  CtvitAttentionImpl(std::int64_t dim, std::int64_t dim_head, std::int64_t heads);
  /// [N, L, dim]; `bias` [heads, L, L] is added to the logits when defined. Queries come from the
  /// normalised input, keys and values from the input itself; queries and keys have unit length.
  Tensor forward(const Tensor& x, const Tensor& bias) const;
  /// Its part of a layer's weights.
  void give(CtvitLayerWeights& weights) const;

 private:
  std::int64_t heads_;
  Tensor null_kv_, q_scale_, k_scale_;
  GammaNorm norm_{nullptr};
  Linear to_q_{nullptr}, to_kv_{nullptr}, to_out_{nullptr};
};
TORCH_MODULE(CtvitAttention);

/// LayerNorm, linear to twice the inner size, first half times gelu of the second, linear back.
/// Inner size 8/3 of dim, rounded down.
struct GatedFeedForwardImpl : torch::nn::Module {
  explicit GatedFeedForwardImpl(std::int64_t dim);
  Tensor forward(const Tensor& x) const;
  /// Its part of a layer's weights.
  void give(CtvitLayerWeights& weights) const;

 private:
  LayerNorm norm_{nullptr};
  Linear in_{nullptr}, out_{nullptr};
};
TORCH_MODULE(GatedFeedForward);

struct CtvitTransformerImpl : torch::nn::Module {
  CtvitTransformerImpl(std::int64_t dim, std::int64_t depth, std::int64_t dim_head,
                       std::int64_t heads);
  /// Sequences [N, L, dim] -> [N, L, dim]. The positional convolution reads the memory of x as
  /// `grid`, whatever the sequences mean.
  Tensor forward(const Tensor& x, const TokenGrid& grid, const Tensor& bias = {});

 private:
  struct Layer {
    PositionGenerator positions;
    CtvitAttention attention;
    GatedFeedForward feed_forward;
    std::shared_ptr<MadeFrom<CtvitLayer>> packed;  // modules are copied by value
  };
  static std::shared_ptr<const CtvitLayer> packed(const Layer& layer);

  std::vector<Layer> layers_;
  GammaNorm norm_out_{nullptr};
};
TORCH_MODULE(CtvitTransformer);

/// Continuous relative position bias (Liu et al., Swin Transformer V2): a small network from the
/// signed logarithm of the distance between two cells of a grid to one value a head. Always fp32.
struct PositionBiasImpl : torch::nn::Module, KeepsFp32 {
  PositionBiasImpl(std::int64_t dim, std::int64_t heads);
  /// [heads, rows * columns, rows * columns]: query cell, key cell.
  Tensor forward(std::int64_t rows, std::int64_t columns) const;

 private:
  Linear first_{nullptr}, second_{nullptr}, last_{nullptr};
};
TORCH_MODULE(PositionBias);

}  // namespace thorax::nets
