#include "nets/precision.h"

#include <ATen/TracerMode.h>

namespace thorax::nets {

void convert(torch::nn::Module& module, at::ScalarType type) {
  const torch::NoGradGuard no_grad;
  if (dynamic_cast<const KeepsFp32*>(&module) != nullptr) return;
  for (auto& parameter : module.parameters(/*recurse=*/false)) {
    if (parameter.is_floating_point()) parameter.set_data(parameter.to(type));
  }
  for (auto& buffer : module.buffers(/*recurse=*/false)) {
    if (buffer.is_floating_point()) buffer.set_data(buffer.to(type));
  }
  for (const auto& child : module.children()) convert(*child, type);
}

bool has_fast_bfloat16() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512bf16") > 0;
#else
  return false;
#endif
}

bool may_pack(const at::Tensor& weight) {
  const bool fast = weight.scalar_type() == at::kFloat ||
                    (weight.scalar_type() == at::kBFloat16 && has_fast_bfloat16());
  return fast && weight.is_cpu() && !at::GradMode::is_enabled() &&
         !at::tracer::impl::is_dispatch_enabled();
}

}  // namespace thorax::nets
