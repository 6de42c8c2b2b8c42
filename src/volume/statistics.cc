#include "volume/statistics.h"

#include <cmath>
#include <limits>

namespace thorax::volume {

Moments moments(const CtVolume& values, const Mask* mask) {
  Moments out;
  double sum = 0, squares = 0;
  out.low = std::numeric_limits<std::int16_t>::max();
  out.high = std::numeric_limits<std::int16_t>::min();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (mask && !(*mask)[i]) continue;
    const std::int16_t v = values[i];
    ++out.count;
    sum += v;
    squares += static_cast<double>(v) * v;
    out.low = std::min(out.low, v);
    out.high = std::max(out.high, v);
  }
  if (out.count == 0) return {};
  const auto n = static_cast<double>(out.count);
  out.mean = sum / n;
  out.deviation = std::sqrt(std::max(0.0, squares / n - out.mean * out.mean));
  return out;
}

void HuHistogram::add(int hu) {
  const int high = low_ + static_cast<int>(counts_.size()) - 1;
  ++counts_[static_cast<std::size_t>(std::clamp(hu, low_, high) - low_)];
  ++total_;
}

double HuHistogram::share_below(int hu) const {
  if (total_ == 0) return 0;
  std::uint64_t n = 0;
  for (std::size_t i = 0; i < counts_.size() && low_ + static_cast<int>(i) < hu; ++i)
    n += counts_[i];
  return static_cast<double>(n) / static_cast<double>(total_);
}

double HuHistogram::share_above(int hu) const {
  return total_ == 0 ? 0 : 1 - share_below(hu + 1);
}

double HuHistogram::percentile(double p) const {
  if (total_ == 0) return std::numeric_limits<double>::quiet_NaN();
  const double wanted = std::clamp(p, 0.0, 100.0) / 100 * static_cast<double>(total_);
  double before = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    const auto here = static_cast<double>(counts_[i]);
    if (here > 0 && before + here >= wanted)
      return low_ + static_cast<double>(i) - 0.5 + (wanted - before) / here;
    before += here;
  }
  return low_ + static_cast<double>(counts_.size()) - 0.5;
}

double HuHistogram::mean() const {
  if (total_ == 0) return std::numeric_limits<double>::quiet_NaN();
  double sum = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i)
    sum += static_cast<double>(counts_[i]) * (low_ + static_cast<double>(i));
  return sum / static_cast<double>(total_);
}

HuHistogram histogram(const CtVolume& values, const Mask* mask) {
  HuHistogram out;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!mask || (*mask)[i]) out.add(values[i]);
  return out;
}

HuHistogram histogram(const CtVolume& values, const Labels& labels, std::uint8_t label) {
  HuHistogram out;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (labels[i] == label) out.add(values[i]);
  return out;
}

}  // namespace thorax::volume
