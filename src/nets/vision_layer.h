// One layer of a vision transformer in bfloat16 on a processor: norm, attention, norm, two linear
// layers with GELU between them; each half is added to what it was made from. The arithmetic of the
// modules in vit.h and dinov2.h, a part of the rows after another, so that what lies between the
// products stays in a core's cache.
#pragma once

#include "nets/made_from.h"
#include "nets/packed_linear.h"

namespace thorax::nets {

/// Weights [out, in], biases [out].
struct VisionLayerWeights {
  std::int64_t heads = 0;
  double epsilon = 0;  ///< of both norms
  at::Tensor norm1_scale, norm1_shift;
  /// Queries, keys and values, one behind the other or one each: [3 dim, dim] together.
  std::vector<at::Tensor> qkv, qkv_bias;
  at::Tensor out, out_bias;
  at::Tensor norm2_scale, norm2_shift;
  at::Tensor up, up_bias, down, down_bias;
  at::Tensor attention_factor, feed_factor;  ///< LayerScale [dim] of the two halves, or none
};

class VisionLayer {
 public:
  explicit VisionLayer(const VisionLayerWeights& weights);

  /// x [sequences * length, dim], in place. Needs has_fast_bfloat16(); without gradients.
  void run(float* x, std::int64_t sequences, std::int64_t length) const;

 private:
  struct Heads;

  void project(const float* x, std::int64_t rows, const Heads& heads) const;
  void attend(std::int64_t sequences, std::int64_t length, const Heads& heads) const;
  void feed_forward(const Heads& heads, float* x, std::int64_t rows) const;

  std::int64_t heads_, dim_, hidden_;
  float epsilon_;
  at::Tensor norm1_scale_, norm1_shift_, norm2_scale_, norm2_shift_;
  PackedLinear qkv_, out_, up_, down_;
};

/// Runs the layer on tokens x [B, N, dim], whose memory is used again, when it may be done so: in
/// bfloat16 where that is fast, with no gradient and no trace to be recorded. False when not.
bool advance_fused(at::Tensor& x, const VisionLayerWeights& weights, MadeFrom<VisionLayer>& made);

}  // namespace thorax::nets
