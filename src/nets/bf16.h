// Tensors as the row kernels take them.
#pragma once

#include "nets/pch.h"
#include "nets/vector_clones.h"

namespace thorax::nets {

/// The values of a contiguous bfloat16 tensor.
inline Bf16Bits* bits(const at::Tensor& t) {
  return reinterpret_cast<Bf16Bits*>(t.data_ptr<at::BFloat16>());
}

/// As fp32, contiguous.
inline at::Tensor wide(const at::Tensor& t) {
  return t.to(at::kFloat).contiguous();
}

}  // namespace thorax::nets
