// Compiled for processors that multiply bfloat16 (AVX-512); see src/CMakeLists.txt. Nothing of the
// standard library is called, so that none of its templates is compiled so for everybody.
#include "nets/row_kernels.h"

#ifdef __AVX512BF16__
#include <immintrin.h>
#endif

namespace thorax::nets {
namespace {

// Sums of a row are kept in so many parts, which the compiler keeps in registers.
constexpr std::int64_t kLanes = 32;

constexpr float kLog2E = 1.44269504F;

// 2^x for x <= 0: a whole power, and of what is left, |r| <= 1/2, the polynomial of third degree
// with the least relative error among those that are 1 at 0 (1.0e-4, a twentieth of what bfloat16
// rounds).
THORAX_INLINE float power_of_two(float x) {
  const float bounded = x < -125.0F ? -125.0F : x;
  // Adding 1.5 * 2^23 rounds to a whole number, which then is the low bits of the sum.
  const float shifted = bounded + 12582912.0F;
  const float r = bounded - (shifted - 12582912.0F);
  const float polynomial = 1 + r * (0.69328293F + r * (0.24221097F + r * 0.05500893F));
  return __builtin_bit_cast(float, __builtin_bit_cast(std::uint32_t, polynomial) +
                                       (__builtin_bit_cast(std::uint32_t, shifted) << 23));
}

THORAX_INLINE float gelu_of(float x) {
  const float z = __builtin_fabsf(x) * 0.70710678F;
  const float t = 1 / (1 + 0.3275911F * z);
  const float tail =
      t *
      (0.254829592F +
       t * (-0.284496736F + t * (1.421413741F + t * (-1.453152027F + t * 1.061405429F)))) *
      power_of_two(-kLog2E * z * z);
  const float distribution = x < 0 ? tail / 2 : 1 - tail / 2;
  return x * distribution;
}

// To the nearest bfloat16.
THORAX_INLINE void store_lanes(const float (&values)[kLanes], Bf16Bits* out) {
#ifdef __AVX512BF16__
  _mm512_storeu_si512(out, reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(
                               _mm512_loadu_ps(values + kLanes / 2), _mm512_loadu_ps(values))));
#else
  for (std::int64_t lane = 0; lane < kLanes; ++lane) store(values[lane], out + lane);
#endif
}
THORAX_INLINE void store_lanes(const float (&values)[kLanes], float* out) {
  for (std::int64_t lane = 0; lane < kLanes; ++lane) out[lane] = values[lane];
}

/// out[i] = value(i) for n values.
template <class Value, class T>
THORAX_INLINE void store_all(std::int64_t n, const Value& value, T* out) {
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    float lanes[kLanes];
    for (std::int64_t lane = 0; lane < kLanes; ++lane) lanes[lane] = value(i + lane);
    store_lanes(lanes, out + i);
  }
  for (; i < n; ++i) store(value(i), out + i);
}

/// Brings lanes together as a tree; its halves are known when this is compiled, so that they stay
/// in registers.
template <std::int64_t kHalf = kLanes / 2, class Join>
THORAX_INLINE float joined(float (&parts)[kLanes], const Join& join) {
  for (std::int64_t lane = 0; lane < kHalf; ++lane)
    parts[lane] = join(parts[lane], parts[lane + kHalf]);
  if constexpr (kHalf > 1) return joined<kHalf / 2>(parts, join);
  return parts[0];
}

THORAX_INLINE float sum_of(float (&parts)[kLanes]) {
  return joined(
      parts, [](float a, float b) __attribute__((always_inline)) { return a + b; });
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
  return joined(
      parts, [](float a, float b) __attribute__((always_inline)) { return b > a ? b : a; });
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
    store_all(
        n,
        [&](std::int64_t i)
            __attribute__((always_inline)) { return (x[i] - mean) * factor * scale[i] + shift[i]; },
        out);
  }
}

}  // namespace

void narrow(const float* x, std::int64_t n, Bf16Bits* out) {
  store_all(
      n, [&](std::int64_t i) __attribute__((always_inline)) { return x[i]; }, out);
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
      store_all(
          n,
          [&](std::int64_t i)
              __attribute__((always_inline)) { return load(from + i) * factor * scale[i]; },
          to);
    }
  }
}

void split_heads(const Bf16Bits* x, std::int64_t rows, std::int64_t stride, std::int64_t heads,
                 std::int64_t n, Bf16Bits* out, std::int64_t out_rows) {
  for (std::int64_t head = 0; head < heads; ++head)
    for (std::int64_t row = 0; row < rows; ++row)
      for (std::int64_t i = 0; i < n; ++i)
        out[(head * out_rows + row) * n + i] = x[row * stride + head * n + i];
}

float exponentials(const float* x, const float* bias, std::int64_t n, Bf16Bits* out) {
  const auto value = [&](std::int64_t i) __attribute__((always_inline)) {
    return bias ? x[i] + bias[i] : x[i];
  };
  const float top = highest_of(n, value) * kLog2E;
  float parts[kLanes] = {};
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    float lanes[kLanes];
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
      lanes[lane] = power_of_two(value(i + lane) * kLog2E - top);
      parts[lane] += lanes[lane];
    }
    store_lanes(lanes, out + i);
  }
  if (i < n) {
    float rest[kLanes];
    take_rest(i, n, value, -__builtin_inff(), rest);
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
      rest[lane] = power_of_two(rest[lane] * kLog2E - top);
      parts[lane] += rest[lane];
    }
    Bf16Bits kept[kLanes];
    store_lanes(rest, kept);
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
  store_all(
      n, [&](std::int64_t i) __attribute__((always_inline)) { return x[i] * factor; }, out);
}

void gelu(const Bf16Bits* x, std::int64_t n, Bf16Bits* out) {
  store_all(
      n, [&](std::int64_t i) __attribute__((always_inline)) { return gelu_of(load(x + i)); }, out);
}

void gate(const Bf16Bits* x, std::int64_t rows, std::int64_t n, Bf16Bits* out) {
  for (std::int64_t row = 0; row < rows; ++row, x += 2 * n, out += n)
    store_all(
        n,
        [&](std::int64_t i)
            __attribute__((always_inline)) { return load(x + i) * gelu_of(load(x + n + i)); },
        out);
}

}  // namespace thorax::nets
