#include "intake/limits_budget.h"

#include <algorithm>

#include "base/error.h"

namespace thorax::intake {
namespace {
constexpr std::uint64_t kRatioGrace = 64ull << 20;
}

void Budget::add_entry(const std::string& name) {
  if (++entries_ > limits_.max_entries)
    throw Error("too_many_entries"_code,
                {{"path", source_}, {"limit", std::to_string(limits_.max_entries)}});
  if (name.size() > static_cast<std::size_t>(limits_.max_name_length))
    throw Error("name_too_long"_code,
                {{"path", source_}, {"limit", std::to_string(limits_.max_name_length)}});
}

void Budget::add_bytes(std::uint64_t bytes) {
  bytes_ += bytes;
  if (bytes_ > limits_.max_total_bytes)
    throw Error("input_too_large"_code,
                {{"path", source_}, {"limit", std::to_string(limits_.max_total_bytes)}});
}

void Expansion::add(std::uint64_t bytes) {
  total_ += bytes;
  entry_ += bytes;
  if (entry_ > limits_.max_entry_bytes)
    throw Error("entry_too_large"_code,
                {{"path", name_}, {"limit", std::to_string(limits_.max_entry_bytes)}});
  const double allowed =
      limits_.max_ratio * static_cast<double>(std::max<std::uint64_t>(packed_, 1));
  if (total_ > kRatioGrace && static_cast<double>(total_) > allowed)
    throw Error("ratio_too_high"_code,
                {{"path", name_}, {"limit", std::to_string(static_cast<long>(limits_.max_ratio))}});
}

}  // namespace thorax::intake
