#include "intake/dicom_hounsfield.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace thorax::intake {
namespace {

constexpr std::int32_t kOutsideBit = 1 << 16;
constexpr double kNothingScannedHu = -2000;
// A padding value that means a density between these is a mistake in the header: it would cut
// holes into the patient.
constexpr double kTissueLow = -900, kTissueHigh = 3000;

}  // namespace

std::int64_t stored_value(std::uint32_t pattern, const PixelFormat& format) {
  const int bits = format.bits_stored;
  const std::uint64_t mask = (1ull << bits) - 1;
  const std::uint64_t value = (pattern >> (format.high_bit + 1 - bits)) & mask;
  const bool negative = format.is_signed && (value >> (bits - 1) & 1) != 0;
  return static_cast<std::int64_t>(value) - (negative ? 1ll << bits : 0);
}

HounsfieldTable::HounsfieldTable(const PixelFormat& format, double slope, double intercept)
    : format_(format), slope_(slope), intercept_(intercept) {
  if (format.padding) {
    padding_low_ = std::min(*format.padding, format.padding_limit.value_or(*format.padding));
    padding_high_ = std::max(*format.padding, format.padding_limit.value_or(*format.padding));
    const double hu = static_cast<double>(*format.padding) * slope + intercept;
    use_padding_ = !(hu > kTissueLow && hu < kTissueHigh);
    if (!use_padding_) ignored_padding_ = static_cast<int>(std::lround(hu));
  }
  if (format.bits_allocated <= 16) {
    table_.resize(1u << format.bits_allocated);
    for (std::uint32_t pattern = 0; pattern < table_.size(); ++pattern)
      table_[pattern] = entry(pattern);
  }
}

bool HounsfieldTable::fits(const PixelFormat& f, double slope, double intercept) const {
  return slope == slope_ && intercept == intercept_ && f.bits_allocated == format_.bits_allocated &&
         f.bits_stored == format_.bits_stored && f.high_bit == format_.high_bit &&
         f.is_signed == format_.is_signed && f.padding == format_.padding &&
         f.padding_limit == format_.padding_limit;
}

std::int32_t HounsfieldTable::entry(std::uint32_t pattern) const {
  const std::int64_t stored = stored_value(pattern, format_);
  const double hu = std::round(static_cast<double>(stored) * slope_ + intercept_);
  const bool padded = use_padding_ && stored >= padding_low_ && stored <= padding_high_;
  const bool outside = padded || !(hu > kNothingScannedHu);
  const auto value =
      outside ? kOutsideHu : static_cast<std::int16_t>(std::clamp(hu, -32768.0, 32767.0));
  return static_cast<std::uint16_t>(value) | (outside ? kOutsideBit : 0);
}

template <class Sample>
bool HounsfieldTable::look_up(std::span<const std::uint8_t> samples, std::span<std::int16_t> hu,
                              std::span<std::uint8_t> outside) const {
  const auto at = [&](std::size_t i) {
    Sample sample;
    std::memcpy(&sample, samples.data() + i * sizeof(Sample), sizeof(Sample));
    if constexpr (sizeof(Sample) > 2) {
      return entry(sample);
    } else {
      return table_[sample];
    }
  };
  std::int32_t seen = 0;
  for (std::size_t i = 0; i < hu.size(); ++i) {
    const std::int32_t e = at(i);
    hu[i] = static_cast<std::int16_t>(e & 0xFFFF);
    seen |= e;
  }
  if ((seen & kOutsideBit) == 0) return false;
  // Memory of slices that have nothing outside is never touched.
  for (std::size_t i = 0; i < hu.size(); ++i)
    outside[i] = static_cast<std::uint8_t>((at(i) & kOutsideBit) != 0);
  return true;
}

bool HounsfieldTable::convert(std::span<const std::uint8_t> samples, std::span<std::int16_t> hu,
                              std::span<std::uint8_t> outside) const {
  if (format_.bits_allocated == 8) return look_up<std::uint8_t>(samples, hu, outside);
  if (format_.bits_allocated == 16) return look_up<std::uint16_t>(samples, hu, outside);
  return look_up<std::uint32_t>(samples, hu, outside);
}

std::shared_ptr<const HounsfieldTable> HounsfieldTables::get(const PixelFormat& format,
                                                             double slope, double intercept) {
  const std::lock_guard lock(mutex_);
  if (!last_ || !last_->fits(format, slope, intercept))
    last_ = std::make_shared<const HounsfieldTable>(format, slope, intercept);
  return last_;
}

}  // namespace thorax::intake
