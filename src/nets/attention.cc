#include "nets/attention.h"

#include "nets/parallel.h"

namespace thorax::nets {

Tensor split_heads(const Tensor& x, std::int64_t heads) {
  return x.view({x.size(0), x.size(1), heads, x.size(2) / heads}).transpose(1, 2);
}

Tensor attention_weights(const Tensor& q, const Tensor& k, double scale) {
  return at::softmax(at::matmul(q * scale, k.transpose(-1, -2)), -1);
}

Tensor attend(const Tensor& q, const Tensor& k, const Tensor& v, double scale, const Tensor& bias) {
  const std::int64_t batch = q.size(0), heads = q.size(1), length = q.size(2), size = v.size(3);
  const Tensor scaled = scale == 1 ? q : q * scale;
  if (at::GradMode::is_enabled() || !q.is_cpu()) {
    Tensor logits = widen(at::matmul(scaled, k.transpose(-1, -2)));
    if (bias.defined()) logits = logits + bias;
    return at::matmul(at::softmax(logits, -1).to(v.scalar_type()), v)
        .transpose(1, 2)
        .reshape({batch, length, heads * size});
  }
  const Tensor out = at::empty({batch, length, heads, size}, q.options());
  parallel_parts(batch * heads, [&](std::int64_t part) {
    const std::int64_t b = part / heads, h = part % heads;
    const Tensor logits = widen(at::mm(scaled[b][h], k[b][h].t()));
    if (bias.defined()) logits.add_(bias[h]);
    out[b].select(1, h).copy_(at::mm(at::softmax(logits, -1).to(v.scalar_type()), v[b][h]));
  });
  return out.view({batch, length, heads * size});
}

}  // namespace thorax::nets
