#include "nets/activation.h"

#include "nets/bf16.h"
#include "nets/parallel.h"
#include "nets/precision.h"
#include "nets/row_kernels.h"

namespace thorax::nets {
namespace {

constexpr std::int64_t kValuesAtOnce = 32'768;

}  // namespace

at::Tensor gelu(const at::Tensor& x) {
  if (x.scalar_type() != at::kBFloat16 || !may_pack(x)) return at::gelu(x);
  const at::Tensor in = x.contiguous();
  at::Tensor out = at::empty_like(in);
  const std::int64_t parts = (in.numel() + kValuesAtOnce - 1) / kValuesAtOnce;
  parallel_parts(parts, [&](std::int64_t part) {
    const std::int64_t begin = part * kValuesAtOnce;
    gelu(bits(in) + begin, std::min(kValuesAtOnce, in.numel() - begin), bits(out) + begin);
  });
  return out;
}

}  // namespace thorax::nets
