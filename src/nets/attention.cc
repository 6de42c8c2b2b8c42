#include "nets/attention.h"

#include "nets/bf16.h"
#include "nets/parallel.h"
#include "nets/soft_attention.h"

namespace thorax::nets {
namespace {

// Below so many comparisons a head, preparing the products costs more than they.
constexpr std::int64_t kLeastCompared = 4096;

Tensor attend_in_bfloat16(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& bias) {
  const std::int64_t batch = q.size(0), heads = q.size(1), length = q.size(2), keys = k.size(2),
                     value_size = v.size(3);
  const Tensor queries = q.contiguous(), key_rows = k.contiguous(), values = v.contiguous(),
               offsets = bias.defined() ? wide(bias) : Tensor(),
               out = at::empty({batch, length, heads, value_size}, q.options());
  Bf16Bits* const results = bits(out);
  attend_all(
      {.parts = batch * heads,
       .queries = length,
       .keys = keys,
       .size = q.size(3),
       .value_size = value_size,
       .q = bits(queries),
       .k = bits(key_rows),
       .v = bits(values)},
      [&](std::int64_t part, std::int64_t row) -> const float* {
        if (!bias.defined()) return nullptr;
        return offsets.data_ptr<float>() + (part % heads * length + row) * keys;
      },
      [&](std::int64_t part, std::int64_t row) {
        return results + ((part / heads * length + row) * heads + part % heads) * value_size;
      });
  return out.view({batch, length, heads * value_size});
}

}  // namespace

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
  if (q.scalar_type() == at::kBFloat16 && may_pack(q) && length * k.size(2) >= kLeastCompared)
    return attend_in_bfloat16(scaled, k, v, bias);
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
