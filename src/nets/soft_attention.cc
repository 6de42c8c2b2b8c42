#include "nets/soft_attention.h"

#include "nets/bf16.h"
#include "nets/row_kernels.h"

namespace thorax::nets {

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

}  // namespace thorax::nets
