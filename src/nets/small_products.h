// Many small matrix products of one shape in bfloat16, as attention has them.
#pragma once

#include <cstdint>
#include <dnnl.hpp>

#include "nets/vector_clones.h"

namespace thorax::nets {

/// out [count, rows, columns] = a [count, rows, inner] b, bf16 times bf16 summed in fp32; b is
/// [count, inner, columns], or [count, columns, inner] where `transposed`. All contiguous.
class SmallProducts {
 public:
  SmallProducts(std::int64_t count, std::int64_t rows, std::int64_t inner, std::int64_t columns,
                bool transposed);
  void run(const Bf16Bits* a, const Bf16Bits* b, float* out) const;

 private:
  dnnl::memory::desc a_, b_, out_;
  dnnl::matmul matmul_;
  std::size_t scratch_bytes_;
};

}  // namespace thorax::nets
