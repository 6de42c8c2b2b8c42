// Multi-head attention between the projections.
#pragma once

#include "nets/layers.h"

namespace thorax::nets {

/// [B, N, heads * size] -> view [B, heads, N, size].
Tensor split_heads(const Tensor& x, std::int64_t heads);

/// softmax(scale * q k^T + bias) v for q, k, v [B, heads, N, size] (any strides) ->
/// [B, N, heads * size]. `bias` [heads, N, N] may be undefined. Without gradients one head of one
/// item after another goes through a core's cache, so that memory is that of one matrix a thread.
Tensor attend(const Tensor& q, const Tensor& k, const Tensor& v, double scale,
              const Tensor& bias = {});

/// The weights alone, softmax(scale * q k^T), [B, heads, N, N]; for maps of what was looked at.
Tensor attention_weights(const Tensor& q, const Tensor& k, double scale);

}  // namespace thorax::nets
