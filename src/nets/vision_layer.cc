#include "nets/vision_layer.h"

#include "nets/bf16.h"
#include "nets/parallel.h"
#include "nets/precision.h"
#include "nets/row_kernels.h"
#include "nets/soft_attention.h"

namespace thorax::nets {
namespace {

// Rows of one product at most: what they leave between two of them stays in the cache.
constexpr std::int64_t kRowsAtOnce = 192;

at::Tensor room(std::int64_t values) {
  return at::empty({values}, at::kBFloat16);
}

/// The weights of queries hold what attention divides by.
at::Tensor with_scale(const at::Tensor& qkv, std::int64_t heads) {
  const std::int64_t dim = qkv.size(0) / 3;
  return at::cat({qkv.narrow(0, 0, dim) / std::sqrt(static_cast<double>(dim / heads)),
                  qkv.narrow(0, dim, 2 * dim)});
}

at::Tensor times(const at::Tensor& value, const at::Tensor& factor) {
  if (!factor.defined()) return value;
  const at::Tensor wide_factor = wide(factor);
  return (value.to(at::kFloat) * (value.dim() == 2 ? wide_factor.unsqueeze(1) : wide_factor))
      .to(value.scalar_type());
}

/// Calls body(first, count) for parts of [0, rows) of much the same size, spread over the threads.
template <class Body>
void parallel_rows(std::int64_t rows, const Body& body) {
  const std::int64_t threads = at::get_num_threads();
  const std::int64_t least = (rows + kRowsAtOnce - 1) / kRowsAtOnce;
  const std::int64_t parts = (least + threads - 1) / threads * threads;
  const std::int64_t at_once = (rows + parts - 1) / parts;
  parallel_parts((rows + at_once - 1) / at_once, [&](std::int64_t part) {
    body(part * at_once, std::min(at_once, rows - part * at_once));
  });
}

}  // namespace

/// What attention reads, [heads][rows][dim / heads], and what it makes, [rows][dim].
struct VisionLayer::Heads {
  explicit Heads(std::int64_t values)
      : q(room(values)), k(room(values)), v(room(values)), mixed(room(values)) {}
  at::Tensor q, k, v, mixed;
};

VisionLayer::VisionLayer(const VisionLayerWeights& weights)
    : heads_(weights.heads),
      dim_(weights.out.size(0)),
      hidden_(weights.up.size(0)),
      epsilon_(static_cast<float>(weights.epsilon)),
      norm1_scale_(wide(weights.norm1_scale)),
      norm1_shift_(wide(weights.norm1_shift)),
      norm2_scale_(wide(weights.norm2_scale)),
      norm2_shift_(wide(weights.norm2_shift)),
      qkv_(with_scale(at::cat(weights.qkv), heads_), with_scale(at::cat(weights.qkv_bias), heads_)),
      out_(times(weights.out, weights.attention_factor),
           times(weights.out_bias, weights.attention_factor)),
      up_(weights.up, weights.up_bias),
      down_(times(weights.down, weights.feed_factor),
            times(weights.down_bias, weights.feed_factor)) {}

void VisionLayer::run(float* x, std::int64_t sequences, std::int64_t length) const {
  const std::int64_t rows = sequences * length;
  const Heads heads(rows * dim_);
  project(x, rows, heads);
  attend(sequences, length, heads);
  feed_forward(heads, x, rows);
}

void VisionLayer::project(const float* x, std::int64_t rows, const Heads& heads) const {
  const std::int64_t size = dim_ / heads_;
  parallel_rows(rows, [&](std::int64_t first, std::int64_t count) {
    const at::Tensor input = room(count * dim_), qkv = room(count * 3 * dim_);
    normalise(x + first * dim_, count, dim_, norm1_scale_.data_ptr<float>(),
              norm1_shift_.data_ptr<float>(), epsilon_, bits(input));
    qkv_.run(bits(input), count, bits(qkv));
    std::int64_t part = 0;
    for (const at::Tensor* table : {&heads.q, &heads.k, &heads.v})
      split_heads(bits(qkv) + part++ * dim_, count, 3 * dim_, heads_, size,
                  bits(*table) + first * size, rows);
  });
}

void VisionLayer::attend(std::int64_t sequences, std::int64_t length, const Heads& heads) const {
  const std::int64_t size = dim_ / heads_;
  Bf16Bits* const mixed = bits(heads.mixed);
  attend_all(
      {.parts = heads_ * sequences,
       .queries = length,
       .keys = length,
       .size = size,
       .value_size = size,
       .q = bits(heads.q),
       .k = bits(heads.k),
       .v = bits(heads.v)},
      [](std::int64_t, std::int64_t) { return nullptr; },
      [&](std::int64_t part, std::int64_t row) {
        const std::int64_t head = part / sequences, sequence = part % sequences;
        return mixed + (sequence * length + row) * dim_ + head * size;
      });
}

void VisionLayer::feed_forward(const Heads& heads, float* x, std::int64_t rows) const {
  parallel_rows(rows, [&](std::int64_t first, std::int64_t count) {
    const at::Tensor input = room(count * dim_), hidden = room(count * hidden_);
    float* const part = x + first * dim_;
    out_.add(bits(heads.mixed) + first * dim_, count, part);
    normalise(part, count, dim_, norm2_scale_.data_ptr<float>(), norm2_shift_.data_ptr<float>(),
              epsilon_, bits(input));
    up_.run(bits(input), count, bits(hidden));
    gelu(bits(hidden), count * hidden_, bits(hidden));
    down_.add(bits(hidden), count, part);
  });
}

bool advance_fused(at::Tensor& x, const VisionLayerWeights& weights, MadeFrom<VisionLayer>& made) {
  if (weights.up.scalar_type() != at::kBFloat16 || !may_pack(weights.up) ||
      x.scalar_type() != at::kFloat)
    return false;
  std::vector<at::Tensor> all{weights.norm1_scale, weights.norm1_shift, weights.out,
                              weights.out_bias,    weights.norm2_scale, weights.norm2_shift,
                              weights.up,          weights.up_bias,     weights.down,
                              weights.down_bias};
  all.insert(all.end(), weights.qkv.begin(), weights.qkv.end());
  all.insert(all.end(), weights.qkv_bias.begin(), weights.qkv_bias.end());
  for (const at::Tensor& factor : {weights.attention_factor, weights.feed_factor})
    if (factor.defined()) all.push_back(factor);
  const auto layer = made.get(all, [&] { return std::make_shared<const VisionLayer>(weights); });
  x = x.contiguous();
  layer->run(x.data_ptr<float>(), x.size(0), x.size(1));
  return true;
}

}  // namespace thorax::nets
