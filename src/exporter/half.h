// IEEE 754 half precision.
#pragma once

#include "weights/tensor.h"

namespace thorax::exporter {

/// To the nearest fp16, ties to even; beyond its range infinity.
std::uint16_t to_half(float value);

/// A tensor of fp32 values as fp16.
weights::Tensor to_half(const weights::Tensor& tensor);

}  // namespace thorax::exporter
