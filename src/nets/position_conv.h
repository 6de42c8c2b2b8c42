// The positional convolution of CTViT on tokens as they lie in memory.
#pragma once

#include "nets/pch.h"

namespace thorax::nets {

/// x + conv(x) for cells [B, F, S, T, dim] (contiguous, CPU, fp32 or bf16): a depth-wise
/// 3 x 3 x 3 convolution with zero padding 1 on both sides of S and T and 2 before, 0 after along
/// F. weight [dim, 1, 3, 3, 3], bias [dim]. Sums are fp32. Libraries want channels first and
/// convolve one channel at a time; with the channels innermost this reads every token from the
/// cache and is about ten times faster.
at::Tensor add_position_conv(const at::Tensor& cells, const at::Tensor& weight,
                             const at::Tensor& bias);

}  // namespace thorax::nets
