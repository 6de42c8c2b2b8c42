// Running a network in bfloat16.
#pragma once

#include "nets/pch.h"

namespace thorax::nets {

/// Modules derived from this stay in fp32 whatever the network's precision, as the original does.
struct KeepsFp32 {
  virtual ~KeepsFp32() = default;
};

/// Converts every floating parameter and buffer to `type`, except in modules that keep fp32.
void convert(torch::nn::Module& module, at::ScalarType type);

/// Whether this processor multiplies bfloat16 matrices natively (AVX512-BF16 or AMX). Elsewhere
/// bfloat16 gives the same numbers more slowly than fp32.
bool has_fast_bfloat16();

}  // namespace thorax::nets
