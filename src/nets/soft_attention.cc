#include "nets/soft_attention.h"

#include "nets/bf16.h"
#include "nets/parallel.h"
#include "nets/row_kernels.h"

namespace thorax::nets {
namespace {

// Queries of one head that are compared together: bounds what lies between the products.
constexpr std::int64_t kQueriesAtOnce = 192;

}  // namespace

class SoftAttention::Room {
 public:
  Room(std::int64_t rows, std::int64_t keys, std::int64_t value_size)
      : logits_(at::empty({rows, keys}, at::kFloat)),
        weights_(at::empty({rows, keys}, at::kBFloat16)),
        sums_(at::empty({rows, value_size}, at::kFloat)),
        totals_(at::empty({rows}, at::kFloat)) {}

  float* logits() const { return logits_.data_ptr<float>(); }
  Bf16Bits* weights() const { return bits(weights_); }
  float* sums() const { return sums_.data_ptr<float>(); }
  float* totals() const { return totals_.data_ptr<float>(); }

 private:
  at::Tensor logits_, weights_, sums_, totals_;
};

SoftAttention::SoftAttention(std::int64_t groups, std::int64_t queries, std::int64_t keys,
                             std::int64_t size, std::int64_t value_size)
    : rows_(groups * queries),
      keys_(keys),
      value_size_(value_size),
      compare_(groups, queries, size, keys, /*transposed=*/true),
      mix_(groups, queries, keys, value_size, /*transposed=*/false) {}

std::shared_ptr<SoftAttention::Room> SoftAttention::room() const {
  return std::make_shared<Room>(rows_, keys_, value_size_);
}

void SoftAttention::run(const Bf16Bits* q, const Bf16Bits* k, const Bf16Bits* v, Room& room,
                        const std::function<const float*(std::int64_t row)>& bias_of,
                        const std::function<Bf16Bits*(std::int64_t row)>& out_of) const {
  compare_.run(q, k, room.logits());
  for (std::int64_t row = 0; row < rows_; ++row)
    room.totals()[row] = exponentials(room.logits() + row * keys_, bias_of(row), keys_,
                                      room.weights() + row * keys_);
  mix_.run(room.weights(), v, room.sums());
  for (std::int64_t row = 0; row < rows_; ++row)
    scaled(room.sums() + row * value_size_, value_size_, 1 / room.totals()[row], out_of(row));
}

void attend_all(const HeadTables& heads,
                const std::function<const float*(std::int64_t part, std::int64_t row)>& bias_of,
                const std::function<Bf16Bits*(std::int64_t part, std::int64_t row)>& out_of) {
  const std::int64_t blocks = (heads.queries + kQueriesAtOnce - 1) / kQueriesAtOnce,
                     at_once = (heads.queries + blocks - 1) / blocks,
                     last_count = heads.queries - (blocks - 1) * at_once;
  const SoftAttention attention(1, at_once, heads.keys, heads.size, heads.value_size),
      last(1, last_count, heads.keys, heads.size, heads.value_size);
  parallel_ranges(heads.parts, [&](std::int64_t begin, std::int64_t end) {
    const auto room = attention.room();
    for (std::int64_t part = begin; part < end; ++part)
      for (std::int64_t block = 0; block < blocks; ++block) {
        const std::int64_t first = block * at_once;
        (block + 1 < blocks ? attention : last)
            .run(
                heads.q + (part * heads.queries + first) * heads.size,
                heads.k + part * heads.keys * heads.size,
                heads.v + part * heads.keys * heads.value_size, *room,
                [&](std::int64_t row) { return bias_of(part, first + row); },
                [&](std::int64_t row) { return out_of(part, first + row); });
      }
  });
}

}  // namespace thorax::nets
