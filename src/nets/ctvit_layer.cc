#include "nets/ctvit_layer.h"

#include "nets/bf16.h"
#include "nets/row_kernels.h"
#include "nets/soft_attention.h"

namespace thorax::nets {
namespace {

constexpr float kEpsilon = 1e-5F;
// Rows of one product: what a part of a sequence leaves between two of them stays in the cache.
constexpr std::int64_t kQueriesAtOnce = 192;
constexpr std::int64_t kRowsAtOnce = 192;
// The matrix units read so many values of a row at once.
constexpr std::int64_t kUnit = 32;

std::int64_t padded(std::int64_t size) {
  return (size + kUnit - 1) / kUnit * kUnit;
}

// [2 hidden, dim] with both halves filled up with zeros.
at::Tensor both_halves_padded(const at::Tensor& weight) {
  const std::int64_t hidden = weight.size(0) / 2, more = padded(hidden) - hidden;
  return at::constant_pad_nd(weight.view({2, hidden, weight.size(1)}), {0, 0, 0, more})
      .reshape({-1, weight.size(1)});
}

at::Tensor inputs_padded(const at::Tensor& weight) {
  return at::constant_pad_nd(weight, {0, padded(weight.size(1)) - weight.size(1)});
}

class Room {
 public:
  explicit Room(std::int64_t values) : values_(at::empty({values}, at::kBFloat16)) {}
  Bf16Bits* data() const { return bits(values_); }

 private:
  at::Tensor values_;
};

}  // namespace

CtvitLayer::CtvitLayer(const CtvitLayerWeights& weights)
    : heads_(weights.heads),
      dim_(weights.to_q.size(1)),
      head_dim_(weights.q_scale.size(0)),
      hidden_(padded(weights.feed_out.size(1))),
      norm_scale_(wide(weights.norm_scale)),
      norm_shift_(wide(weights.norm_shift)),
      q_scale_(wide(weights.q_scale) * kCosineScale),
      k_scale_(wide(weights.k_scale)),
      feed_scale_(wide(weights.feed_scale)),
      feed_shift_(wide(weights.feed_shift)),
      to_q_(weights.to_q, {}),
      to_kv_(weights.to_kv, {}),
      to_out_(weights.to_out, {}),
      feed_in_(both_halves_padded(weights.feed_in), {}),
      feed_out_(inputs_padded(weights.feed_out), {}) {}

void CtvitLayer::run(float* x, std::int64_t sequences, std::int64_t length,
                     const float* bias) const {
  attend(x, sequences, length, bias);
  feed_forward(x, sequences * length);
}

void CtvitLayer::attend(float* x, std::int64_t sequences, std::int64_t length,
                        const float* bias) const {
  const std::int64_t rows = sequences * length, inner = heads_ * head_dim_;
  const Room input(rows * dim_), q(rows * inner), kv(rows * 2 * inner), queries(rows * inner),
      keys(rows * inner), values(rows * inner), mixed(rows * inner);
  normalise(x, rows, dim_, norm_scale_.data_ptr<float>(), norm_shift_.data_ptr<float>(), kEpsilon,
            input.data());
  to_q_.run(input.data(), rows, q.data());
  narrow(x, rows * dim_, input.data());
  to_kv_.run(input.data(), rows, kv.data());
  unit_heads(q.data(), rows, inner, heads_, head_dim_, q_scale_.data_ptr<float>(), queries.data());
  unit_heads(kv.data(), rows, 2 * inner, heads_, head_dim_, k_scale_.data_ptr<float>(),
             keys.data());
  split_heads(kv.data() + inner, rows, 2 * inner, heads_, head_dim_, values.data(), rows);

  // Long sequences a head and some queries at a time, short ones all together.
  const std::int64_t all = heads_ * sequences;
  const bool is_long = length > kQueriesAtOnce;
  const std::int64_t together = is_long ? 1 : all;
  const std::int64_t at_once = is_long ? kQueriesAtOnce : length;
  for (std::int64_t from = 0; from < length; from += at_once) {
    const std::int64_t count = std::min(at_once, length - from);
    const SoftAttention attention(together, count, length, head_dim_, head_dim_);
    const auto room = attention.room();
    for (std::int64_t first = 0; first < all; first += together) {
      const std::int64_t row = first * length;  // of the heads' tables [heads][sequences][length]
      attention.run(
          queries.data() + (row + from) * head_dim_, keys.data() + row * head_dim_,
          values.data() + row * head_dim_, *room,
          [&](std::int64_t i) {
            const std::int64_t head = (first + i / count) / sequences, query = from + i % count;
            return bias ? bias + (head * length + query) * length : nullptr;
          },
          [&](std::int64_t i) {
            const std::int64_t which = first + i / count, head = which / sequences,
                               token = which % sequences * length + from + i % count;
            return mixed.data() + token * inner + head * head_dim_;
          });
    }
  }
  to_out_.add(mixed.data(), rows, x);
}

void CtvitLayer::feed_forward(float* x, std::int64_t rows) const {
  const std::int64_t at_once = std::min(kRowsAtOnce, rows);
  const Room input(at_once * dim_), both(at_once * 2 * hidden_), gated(at_once * hidden_);
  for (std::int64_t from = 0; from < rows; from += at_once) {
    const std::int64_t count = std::min(at_once, rows - from);
    float* part = x + from * dim_;
    normalise(part, count, dim_, feed_scale_.data_ptr<float>(), feed_shift_.data_ptr<float>(),
              kEpsilon, input.data());
    feed_in_.run(input.data(), count, both.data());
    gate(both.data(), count, hidden_, gated.data());
    feed_out_.add(gated.data(), count, part);
  }
}

}  // namespace thorax::nets
