// A CT volume cut into blocks, each a token, on a processor that multiplies bfloat16.
#pragma once

#include "nets/packed_linear.h"

namespace thorax::nets {

/// The weights of CTViT's embedding of blocks, named after its sequence norm, linear, norm.
struct CtvitPatchWeights {
  at::Tensor block_scale, block_shift, weight, bias, token_scale, token_shift;
};

class CtvitPatches {
 public:
  /// `patch` pixels a side, `frames` slices a block.
  CtvitPatches(const CtvitPatchWeights& weights, std::int64_t patch, std::int64_t frames);

  /// Volumes [B, 1, depth, height, width], fp32 -> tokens [B, depth / frames, height / patch,
  /// width / patch, dim], fp32.
  at::Tensor embed(const at::Tensor& volumes) const;

 private:
  std::int64_t patch_, frames_;
  at::Tensor block_scale_, block_shift_, token_scale_, token_shift_;
  PackedLinear project_;
};

}  // namespace thorax::nets
