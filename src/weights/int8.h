// Weights in eight bits.
#pragma once

#include "weights/tensor.h"

namespace thorax::weights {

/// A value is its level times the scale of its index along the axis.
struct Quantised {
  Tensor levels;  ///< int8, -127 to 127, as the tensor's shape is
  Tensor scales;  ///< fp32, one an index of the axis
};

/// To the nearest level, ties to even; the largest value of every index along `axis` is its level
/// 127 or -127 (symmetric quantisation by the largest value, one scale a channel: Krishnamoorthi,
/// arXiv 1806.08342, section 2.2).
Quantised to_int8(const Tensor& tensor, std::size_t axis);

/// A state dict for a file of a quarter of the size: matrices and kernels as levels under their own
/// keys, with their scales along the first axis under KEY.scale. What has one axis (norms, biases)
/// or less than 16 values for each scale stays as it is.
StateDict in_eight_bits(const StateDict& exact);

/// The reverse: every int8 tensor KEY beside a KEY.scale becomes fp32, and the scale goes. `file`
/// is for errors. Throws Error("bad_weights"_code) where the two do not fit together.
StateDict restored(StateDict read, const std::string& file);

}  // namespace thorax::weights
