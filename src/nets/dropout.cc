#include "nets/dropout.h"

#include "nets/draws.h"

namespace thorax::nets {

at::Tensor dropout(const at::Tensor& x, double probability, bool training) {
  if (!training || probability == 0) return x;
  if (!x.is_cpu()) return at::dropout(x, probability, training);
  at::Tensor kept = at::empty_like(x).bernoulli_(1 - probability, draws());
  return x * kept.div_(1 - probability);
}

}  // namespace thorax::nets
