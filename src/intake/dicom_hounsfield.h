// Stored values to Hounsfield units.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "intake/dicom_pixels.h"

namespace thorax::intake {

/// The stored value of a sample pattern: bits above HighBit and below it by more than BitsStored
/// are dropped, the sign extended (PS3.5 8.1.1).
std::int64_t stored_value(std::uint32_t pattern, const PixelFormat& format);

/// What stands for "no value" in a volume: that of air at the edge of the CT scale.
inline constexpr std::int16_t kOutsideHu = -1024;

/// HU = stored * slope + intercept (PS3.3 C.11.1.1.2), rounded to nearest and clamped to int16.
/// Padding (and values at or below -2000 HU, which scanners write around a round field of view)
/// becomes kOutsideHu and is marked outside.
class HounsfieldTable {
 public:
  HounsfieldTable(const PixelFormat& format, double slope, double intercept);

  /// Whether the table was made for the same conversion.
  bool fits(const PixelFormat& format, double slope, double intercept) const;
  /// Converts one frame. `outside` is only written when something in the frame is outside; returns
  /// whether anything is.
  bool convert(std::span<const std::uint8_t> samples, std::span<std::int16_t> hu,
               std::span<std::uint8_t> outside) const;
  /// PixelPaddingValue in HU when it was ignored because tissue has that density.
  std::optional<int> ignored_padding() const { return ignored_padding_; }

 private:
  std::int32_t entry(std::uint32_t pattern) const;
  template <class Sample>
  bool look_up(std::span<const std::uint8_t> samples, std::span<std::int16_t> hu,
               std::span<std::uint8_t> outside) const;

  PixelFormat format_;
  double slope_, intercept_;
  bool use_padding_ = false;
  std::int64_t padding_low_ = 0, padding_high_ = 0;
  std::optional<int> ignored_padding_;
  std::vector<std::int32_t> table_;  ///< by pattern; kOutsideBit beside the HU. Empty for 32 bits
};

/// The table of the last conversion asked for: the slices of a series nearly always share one.
/// Thread-safe.
class HounsfieldTables {
 public:
  std::shared_ptr<const HounsfieldTable> get(const PixelFormat& format, double slope,
                                             double intercept);

 private:
  std::mutex mutex_;
  std::shared_ptr<const HounsfieldTable> last_;
};

}  // namespace thorax::intake
