#include "nets/dropout.h"

#include <ATen/CPUGeneratorImpl.h>

namespace thorax::nets {
namespace {

at::Generator& generator() {
  thread_local at::Generator own = at::make_generator<at::CPUGeneratorImpl>();
  return own;
}

}  // namespace

void seed_dropout(std::uint64_t seed) {
  generator().set_current_seed(seed);
}

at::Tensor dropout(const at::Tensor& x, double probability, bool training) {
  if (!training || probability == 0) return x;
  if (!x.is_cpu()) return at::dropout(x, probability, training);
  at::Tensor kept = at::empty_like(x).bernoulli_(1 - probability, generator());
  return x * kept.div_(1 - probability);
}

}  // namespace thorax::nets
