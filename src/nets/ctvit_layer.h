// One layer of CTViT's transformer on a processor that multiplies bfloat16: the same computation as
// CtvitAttention and GatedFeedForward (ctvit_transformer.h), with what lies between the products
// done in one pass each and nothing stored that the next product does not read.
#pragma once

#include "nets/packed_linear.h"

namespace thorax::nets {

/// The reference fixes this in place of 1 / sqrt(dim_head): queries and keys have unit length.
inline constexpr double kCosineScale = 8;

/// The weights of a layer, named as in CtvitAttention and GatedFeedForward; products in bf16, the
/// rest fp32.
struct CtvitLayerWeights {
  std::int64_t heads;
  at::Tensor norm_scale, norm_shift, q_scale, k_scale, to_q, to_kv, to_out;
  at::Tensor feed_scale, feed_shift, feed_in, feed_out;
};

class CtvitLayer {
 public:
  explicit CtvitLayer(const CtvitLayerWeights& weights);

  /// Adds attention and feed-forward to x [sequences, length, dim], fp32 and contiguous. `bias`:
  /// [heads, length, length], fp32, or null. Safe to call from several threads on different x.
  void run(float* x, std::int64_t sequences, std::int64_t length, const float* bias) const;

 private:
  void attend(float* x, std::int64_t sequences, std::int64_t length, const float* bias) const;
  void feed_forward(float* x, std::int64_t rows) const;

  std::int64_t heads_, dim_, head_dim_, hidden_;
  at::Tensor norm_scale_, norm_shift_, q_scale_, k_scale_, feed_scale_, feed_shift_;
  PackedLinear to_q_, to_kv_, to_out_, feed_in_, feed_out_;
};

}  // namespace thorax::nets
