// What lies between the matrix products of a transformer in bfloat16, one pass a row: each reads
// its input once, computes in fp32, and writes the next product's operand.
#pragma once

#include "nets/vector_clones.h"

namespace thorax::nets {

/// out = bf16(x), n values.
void narrow(const float* x, std::int64_t n, Bf16Bits* out);

/// out = (x - mean) / sqrt(variance + epsilon) * scale + shift over the n values of a row; for
/// `rows` rows that lie one after another.
void normalise(const float* x, std::int64_t rows, std::int64_t n, const float* scale,
               const float* shift, float epsilon, Bf16Bits* out);
void normalise(const float* x, std::int64_t rows, std::int64_t n, const float* scale,
               const float* shift, float epsilon, float* out);

/// Heads of attention: x holds `rows` rows of heads * n values, `stride` apart; out
/// [heads][rows][n] holds each head's part of a row, brought to unit length (at least 1e-12 is
/// divided by) and multiplied by scale [n].
void unit_heads(const Bf16Bits* x, std::int64_t rows, std::int64_t stride, std::int64_t heads,
                std::int64_t n, const float* scale, Bf16Bits* out);
/// The same without change of the values; out [heads][out_rows][n] may have more rows than are
/// split.
void split_heads(const Bf16Bits* x, std::int64_t rows, std::int64_t stride, std::int64_t heads,
                 std::int64_t n, Bf16Bits* out, std::int64_t out_rows);

/// out = exp(x + bias - their maximum) over n values; what they add up to. `bias` may be null.
float exponentials(const float* x, const float* bias, std::int64_t n, Bf16Bits* out);

/// The highest of n values.
float highest(const float* x, std::int64_t n);
/// The first index in [from, n) whose value is at least `least`; n where there is none.
std::int64_t next_above(const float* x, std::int64_t from, std::int64_t n, float least);

/// out = x * factor, n values.
void scaled(const float* x, std::int64_t n, float factor, Bf16Bits* out);

/// out = gelu(x), n values.
void gelu(const Bf16Bits* x, std::int64_t n, Bf16Bits* out);

/// out [rows][n] = a * gelu(b) of rows that hold a, then b, n values each. gelu with the error
/// function, which is taken from Abramowitz and Stegun 7.1.26 (within 1.5e-7).
void gate(const Bf16Bits* x, std::int64_t rows, std::int64_t n, Bf16Bits* out);

}  // namespace thorax::nets
