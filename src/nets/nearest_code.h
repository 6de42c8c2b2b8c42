// The most similar of many vectors, found in bfloat16 and decided in fp32.
#pragma once

#include "nets/packed_linear.h"

namespace thorax::nets {

/// Holds a codebook [codes, dim] for searches by cosine similarity.
class NearestCode {
 public:
  explicit NearestCode(const at::Tensor& codebook);

  /// tokens [rows, dim], fp32: index of each one's most similar code, [rows] int64; of equal ones
  /// the first. Exact: products in bfloat16 of vectors of unit length are wrong by at most 2^-8, so
  /// that only codes within twice that of the best have to be compared in fp32.
  at::Tensor operator()(const at::Tensor& tokens) const;

 private:
  at::Tensor codes_;  // unit length, fp32
  PackedLinear compare_;
};

}  // namespace thorax::nets
