#pragma once

#include "nets/pch.h"

namespace thorax::nets {

/// x times the normal distribution's share below x, by the error function. In bfloat16 without
/// gradients in one pass with fp32 in between.
at::Tensor gelu(const at::Tensor& x);

}  // namespace thorax::nets
