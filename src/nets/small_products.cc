#include "nets/small_products.h"

#include "nets/processor.h"

namespace thorax::nets {
namespace {

using dnnl::memory;
using Type = memory::data_type;
using Tag = memory::format_tag;

}  // namespace

SmallProducts::SmallProducts(std::int64_t count, std::int64_t rows, std::int64_t inner,
                             std::int64_t columns, bool transposed)
    : a_({count, rows, inner}, Type::bf16, Tag::abc),
      b_({count, inner, columns}, Type::bf16, transposed ? Tag::acb : Tag::abc),
      out_({count, rows, columns}, Type::f32, Tag::abc) {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  const dnnl::matmul::primitive_desc described(dnnl::matmul::desc(a_, b_, out_), attributes,
                                               processor());
  matmul_ = dnnl::matmul(described);
  scratch_bytes_ = described.scratchpad_desc().get_size();
}

void SmallProducts::run(const Bf16Bits* a, const Bf16Bits* b, float* out) const {
  execute(matmul_,
          {{DNNL_ARG_SRC, memory(a_, processor(), const_cast<Bf16Bits*>(a))},
           {DNNL_ARG_WEIGHTS, memory(b_, processor(), const_cast<Bf16Bits*>(b))},
           {DNNL_ARG_DST, memory(out_, processor(), out)}},
          scratch_bytes_);
}

}  // namespace thorax::nets
