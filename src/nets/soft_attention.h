// softmax(q k^T + bias) v on a processor that multiplies bfloat16, for queries of one or several
// heads at a time.
#pragma once

#include <functional>
#include <memory>

#include "nets/small_products.h"

namespace thorax::nets {

class SoftAttention {
 public:
  /// `groups` heads (or heads of several sequences) with so many queries and keys each; `size`
  /// values a query and a key, `value_size` a value.
  SoftAttention(std::int64_t groups, std::int64_t queries, std::int64_t keys, std::int64_t size,
                std::int64_t value_size);

  /// What lies between the products; one for each thread.
  class Room;
  std::shared_ptr<Room> room() const;

  /// q [groups, queries, size], k [groups, keys, size], v [groups, keys, value_size]; contiguous.
  /// `bias_of` a row of groups * queries: keys values to be added to it, or null. `out_of` the row:
  /// where its value_size results go.
  void run(const Bf16Bits* q, const Bf16Bits* k, const Bf16Bits* v, Room& room,
           const std::function<const float*(std::int64_t row)>& bias_of,
           const std::function<Bf16Bits*(std::int64_t row)>& out_of) const;

 private:
  std::int64_t rows_, keys_, value_size_;
  SmallProducts compare_, mix_;
};

/// Heads that have nothing to do with one another, `parts` of them: q [parts, queries, size], k
/// [parts, keys, size], v [parts, keys, value_size]; contiguous.
struct HeadTables {
  std::int64_t parts, queries, keys, size, value_size;
  const Bf16Bits *q, *k, *v;
};

/// The attention of all of them, spread over the threads. `bias_of` a part's row: keys values to be
/// added to it, or null. `out_of` the row: where its value_size results go. Without gradients only.
void attend_all(const HeadTables& heads,
                const std::function<const float*(std::int64_t part, std::int64_t row)>& bias_of,
                const std::function<Bf16Bits*(std::int64_t part, std::int64_t row)>& out_of);

}  // namespace thorax::nets
