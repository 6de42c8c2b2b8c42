#include "nets/draws.h"

#include <ATen/CPUGeneratorImpl.h>

namespace thorax::nets {

at::Generator& draws() {
  thread_local at::Generator own = at::make_generator<at::CPUGeneratorImpl>();
  return own;
}

void seed_draws(std::uint64_t seed) {
  draws().set_current_seed(seed);
}

}  // namespace thorax::nets
