// Weights in eight bits.
#pragma once

#include "weights/tensor.h"

namespace thorax::exporter {

/// A value is its level times the scale of its index along the axis.
struct Quantised {
  weights::Tensor levels;  ///< int8, -127 to 127, as the tensor's shape is
  weights::Tensor scales;  ///< fp32, one an index of the axis
};

/// To the nearest level, ties to even; the largest value of every index along `axis` is its level
/// 127 or -127 (symmetric quantisation by the largest value, one scale a channel: Krishnamoorthi,
/// arXiv 1806.08342, section 2.2).
Quantised to_int8(const weights::Tensor& tensor, std::size_t axis);

}  // namespace thorax::exporter
