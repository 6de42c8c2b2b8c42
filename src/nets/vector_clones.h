// Plain loops that the compiler vectorises once for each kind of processor.
#pragma once

#include <cstdint>

// The right one is chosen when the program starts: by what the processor can do. The name of a
// processor here would be that very model's, and every other would take the slowest.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define THORAX_VECTOR_CLONES \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define THORAX_VECTOR_CLONES
#endif

namespace thorax::nets {

// Always inlined, and without the library's templates: a file compiled for newer processors must
// not leave the linker a copy for the others.
#define THORAX_INLINE __attribute__((always_inline)) inline

/// A bfloat16 as it lies in memory, in a type that loops over it are vectorised for.
using Bf16Bits = std::uint16_t;

THORAX_INLINE float load(const float* p) {
  return *p;
}
THORAX_INLINE float load(const Bf16Bits* p) {
  return __builtin_bit_cast(float, static_cast<std::uint32_t>(*p) << 16);
}
THORAX_INLINE void store(float value, float* p) {
  *p = value;
}
/// To the nearest bfloat16, ties to even.
THORAX_INLINE void store(float value, Bf16Bits* p) {
  const auto bits = __builtin_bit_cast(std::uint32_t, value);
  *p = static_cast<Bf16Bits>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

}  // namespace thorax::nets
