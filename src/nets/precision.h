// Running a network in bfloat16: weights and products of matrices in bfloat16, norms and what is
// added up along the layers in fp32, as mixed precision does. Linear layers and convolutions bring
// their input to their weights' type; norms to fp32.
#pragma once

#include "nets/pch.h"

namespace thorax::nets {

/// Modules derived from this stay in fp32 whatever the network's precision.
struct KeepsFp32 {
  virtual ~KeepsFp32() = default;
};

/// bfloat16 as fp32; other types as they are.
inline at::Tensor widen(const at::Tensor& x) {
  return x.scalar_type() == at::kBFloat16 ? x.to(at::kFloat) : x;
}

/// Converts every floating parameter and buffer to `type`, except in modules that keep fp32.
void convert(torch::nn::Module& module, at::ScalarType type);

/// Whether this processor multiplies bfloat16 matrices natively (AVX512-BF16 or AMX). Elsewhere
/// bfloat16 gives the same numbers more slowly than fp32.
bool has_fast_bfloat16();

/// Whether products with this weight may go through oneDNN directly: on a processor that has them
/// natively, with no gradient and no trace to be recorded.
bool may_pack(const at::Tensor& weight);

}  // namespace thorax::nets
