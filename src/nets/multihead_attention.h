// PyTorch's nn.MultiheadAttention and nn.TransformerEncoderLayer, with their keys.
#pragma once

#include "nets/layers.h"

namespace thorax::nets {

struct Attended {
  Tensor values;   ///< [B, queries, size]
  Tensor weights;  ///< [B, queries, keys], mean over the heads; undefined where not asked for
};

/// Scaled dot-product attention, batch first, projections of query, key and value in one matrix
/// (in_proj_weight [3 size, size]). Vaswani et al., Attention Is All You Need, NeurIPS 2017.
struct MultiheadAttentionImpl : torch::nn::Module {
  MultiheadAttentionImpl(std::int64_t size, std::int64_t heads, double dropout);
  /// query [B, queries, size], source [B, keys, size] as key and value.
  Attended forward(const Tensor& query, const Tensor& source, bool want_weights = false);

 private:
  std::int64_t heads_;
  double dropout_;
  Tensor in_proj_weight_, in_proj_bias_;
  Linear out_proj_{nullptr};
};
TORCH_MODULE(MultiheadAttention);

/// Self attention and a ReLU feed-forward net, each added and then normalised.
struct TransformerLayerImpl : torch::nn::Module {
  TransformerLayerImpl(std::int64_t size, std::int64_t heads, std::int64_t hidden, double dropout);
  /// [B, tokens, size] -> same.
  Tensor forward(const Tensor& x);

 private:
  double dropout_;
  MultiheadAttention attention_{nullptr};
  Linear linear1_{nullptr}, linear2_{nullptr};
  LayerNorm norm1_{nullptr}, norm2_{nullptr};
};
TORCH_MODULE(TransformerLayer);

}  // namespace thorax::nets
