// Compiled for processors that multiply bfloat16 (AVX-512); see src/CMakeLists.txt. Nothing of the
// standard library is called, so that none of its templates is compiled so for everybody.
#include "nets/row_kernels.h"

namespace thorax::nets {
namespace {

// Sums of a row are kept in so many parts, which the compiler keeps in registers.
constexpr std::int64_t kLanes = 32;

// e^x for x <= 0: powers of two, and the Taylor polynomial of what is left, |r| <= ln 2 / 2
// (within 5e-5, a fortieth of what bfloat16 rounds).
THORAX_INLINE float exponential(float x) {
  const float bounded = x < -87.0F ? -87.0F : x;
  // Adding 1.5 * 2^23 rounds to a whole number, which then is the low bits of the sum.
  const float shifted = bounded * 1.44269504F + 12582912.0F;
  const float power = shifted - 12582912.0F;
  const float r = (bounded - power * 0.693359375F) + power * 2.12194440e-4F;
  const float polynomial = 1 + r * (1 + r * (0.5F + r * (1.0F / 6 + r * (1.0F / 24))));
  const auto exponent = (__builtin_bit_cast(std::uint32_t, shifted) + 127) << 23;
  return polynomial * __builtin_bit_cast(float, exponent);
}

THORAX_INLINE float gelu_of(float x) {
  const float z = __builtin_fabsf(x) * 0.70710678F;
  const float t = 1 / (1 + 0.3275911F * z);
  const float tail =
      t *
      (0.254829592F +
       t * (-0.284496736F + t * (1.421413741F + t * (-1.453152027F + t * 1.061405429F)))) *
      exponential(-z * z);
  const float distribution = x < 0 ? tail / 2 : 1 - tail / 2;
  return x * distribution;
}

THORAX_INLINE float sum_of(float (&parts)[kLanes]) {
  for (std::int64_t half = kLanes / 2; half > 0; half /= 2)
    for (std::int64_t lane = 0; lane < half; ++lane) parts[lane] += parts[lane + half];
  return parts[0];
}

/// What is left of a row when the lanes were filled as often as they can be, and `nothing` behind
/// it: the loops over lanes stay loops over vectors.
template <class Value>
THORAX_INLINE void take_rest(std::int64_t from, std::int64_t n, const Value& value, float nothing,
                             float (&rest)[kLanes]) {
  for (float& lane : rest) lane = nothing;
  for (std::int64_t i = from; i < n; ++i) rest[i - from] = value(i);
}

template <class Value>
THORAX_INLINE float sum_of(std::int64_t n, const Value& value) {
  float parts[kLanes] = {};
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (std::int64_t lane = 0; lane < kLanes; ++lane) parts[lane] += value(i + lane);
  float sum = sum_of(parts);
  for (; i < n; ++i) sum += value(i);
  return sum;
}

template <class Value>
THORAX_INLINE float highest_of(std::int64_t n, const Value& value) {
  float parts[kLanes];
  for (float& part : parts) part = -__builtin_inff();
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (std::int64_t lane = 0; lane < kLanes; ++lane)
      parts[lane] = value(i + lane) > parts[lane] ? value(i + lane) : parts[lane];
  if (i < n) {
    float rest[kLanes];
    take_rest(i, n, value, -__builtin_inff(), rest);
    for (std::int64_t lane = 0; lane < kLanes; ++lane)
      parts[lane] = rest[lane] > parts[lane] ? rest[lane] : parts[lane];
  }
  for (std::int64_t half = kLanes / 2; half > 0; half /= 2)
    for (std::int64_t lane = 0; lane < half; ++lane)
      parts[lane] = parts[lane + half] > parts[lane] ? parts[lane + half] : parts[lane];
  return parts[0];
}

template <class T>
THORAX_INLINE void normalise_rows(const float* x, std::int64_t rows, std::int64_t n,
                                  const float* scale, const float* shift, float epsilon, T* out) {
  for (std::int64_t row = 0; row < rows; ++row, x += n, out += n) {
    const float mean = sum_of(
                           n, [&](std::int64_t i) __attribute__((always_inline)) { return x[i]; }) /
                       static_cast<float>(n);
    const float variance =
        sum_of(
            n, [&](std::int64_t i)
                   __attribute__((always_inline)) { return (x[i] - mean) * (x[i] - mean); }) /
        static_cast<float>(n);
    const float factor = 1 / __builtin_sqrtf(variance + epsilon);
    for (std::int64_t i = 0; i < n; ++i)
      store((x[i] - mean) * factor * scale[i] + shift[i], out + i);
  }
}

}  // namespace

void narrow(const float* x, std::int64_t n, Bf16Bits* out) {
  for (std::int64_t i = 0; i < n; ++i) store(x[i], out + i);
}

void normalise(const float* x, std::int64_t rows, std::int64_t n, const float* scale,
               const float* shift, float epsilon, Bf16Bits* out) {
  normalise_rows(x, rows, n, scale, shift, epsilon, out);
}

void normalise(const float* x, std::int64_t rows, std::int64_t n, const float* scale,
               const float* shift, float epsilon, float* out) {
  normalise_rows(x, rows, n, scale, shift, epsilon, out);
}

void unit_heads(const Bf16Bits* x, std::int64_t rows, std::int64_t stride, std::int64_t heads,
                std::int64_t n, const float* scale, Bf16Bits* out) {
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t head = 0; head < heads; ++head) {
      const Bf16Bits* from = x + row * stride + head * n;
      Bf16Bits* to = out + (head * rows + row) * n;
      const float squares = sum_of(
          n, [&](std::int64_t i)
                 __attribute__((always_inline)) { return load(from + i) * load(from + i); });
      const float length = __builtin_sqrtf(squares);
      const float factor = 1 / (length < 1e-12F ? 1e-12F : length);
      for (std::int64_t i = 0; i < n; ++i) store(load(from + i) * factor * scale[i], to + i);
    }
  }
}

void split_heads(const Bf16Bits* x, std::int64_t rows, std::int64_t stride, std::int64_t heads,
                 std::int64_t n, Bf16Bits* out) {
  for (std::int64_t head = 0; head < heads; ++head)
    for (std::int64_t row = 0; row < rows; ++row)
      for (std::int64_t i = 0; i < n; ++i)
        out[(head * rows + row) * n + i] = x[row * stride + head * n + i];
}

float exponentials(const float* x, const float* bias, std::int64_t n, Bf16Bits* out) {
  const auto value = [&](std::int64_t i) __attribute__((always_inline)) {
    return bias ? x[i] + bias[i] : x[i];
  };
  const float top = highest_of(n, value);
  float parts[kLanes] = {};
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
      const float e = exponential(value(i + lane) - top);
      store(e, out + i + lane);
      parts[lane] += e;
    }
  if (i < n) {
    float rest[kLanes];
    Bf16Bits kept[kLanes];
    take_rest(i, n, value, -__builtin_inff(), rest);
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
      const float e = exponential(rest[lane] - top);
      store(e, kept + lane);
      parts[lane] += e;
    }
    for (std::int64_t lane = 0; i < n; ++i, ++lane) out[i] = kept[lane];
  }
  return sum_of(parts);
}

float highest(const float* x, std::int64_t n) {
  return highest_of(
      n, [&](std::int64_t i) __attribute__((always_inline)) { return x[i]; });
}

std::int64_t next_above(const float* x, std::int64_t from, std::int64_t n, float least) {
  std::int64_t i = from;
  for (; i + kLanes <= n; i += kLanes) {
    int some = 0;
    for (std::int64_t lane = 0; lane < kLanes; ++lane) some |= x[i + lane] >= least;
    if (some) break;
  }
  while (i < n && !(x[i] >= least)) ++i;
  return i;
}

void scaled(const float* x, std::int64_t n, float factor, Bf16Bits* out) {
  for (std::int64_t i = 0; i < n; ++i) store(x[i] * factor, out + i);
}

void gelu(const Bf16Bits* x, std::int64_t n, Bf16Bits* out) {
  for (std::int64_t i = 0; i < n; ++i) store(gelu_of(load(x + i)), out + i);
}

void gate(const Bf16Bits* x, std::int64_t rows, std::int64_t n, Bf16Bits* out) {
  for (std::int64_t row = 0; row < rows; ++row, x += 2 * n, out += n)
    for (std::int64_t i = 0; i < n; ++i) store(load(x + i) * gelu_of(load(x + n + i)), out + i);
}

}  // namespace thorax::nets
