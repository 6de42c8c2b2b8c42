#include "intake/picture_exif.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace thorax::intake {
namespace {

using Span = std::span<const std::uint8_t>;

/// Numbers of a TIFF block in its byte order; nothing beyond its end.
class Tiff {
 public:
  explicit Tiff(Span data)
      : data_(data), little_(data.size() >= 2 && data[0] == 'I' && data[1] == 'I') {}

  std::optional<std::uint32_t> number(std::size_t at, std::size_t bytes) const {
    if (at > data_.size() || bytes > data_.size() - at) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i)
      value = value << 8 | data_[at + (little_ ? bytes - 1 - i : i)];
    return value;
  }

 private:
  Span data_;
  bool little_;
};

/// TIFF 6.0, section 2: header, then a directory of 12-byte entries.
std::optional<int> orientation_of(const Tiff& tiff) {
  constexpr std::uint32_t kMagic = 42, kOrientation = 0x0112, kShort = 3;
  if (tiff.number(2, 2) != kMagic) return std::nullopt;
  const std::optional<std::uint32_t> directory = tiff.number(4, 4);
  if (!directory) return std::nullopt;
  const std::uint32_t entries = tiff.number(*directory, 2).value_or(0);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = std::size_t{*directory} + 2 + 12 * i;
    if (tiff.number(entry, 2) != kOrientation) continue;
    const std::uint32_t value = tiff.number(entry + 8, 2).value_or(0);
    if (tiff.number(entry + 2, 2) == kShort && value >= 1 && value <= 8)
      return static_cast<int>(value);
    return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

int exif_orientation(Span jpeg) {
  constexpr std::string_view kName("Exif\0\0", 6);
  constexpr std::uint8_t kApp1 = 0xE1, kStartOfScan = 0xDA;
  std::size_t at = 2;  // behind the start of image
  while (at + 4 <= jpeg.size() && jpeg[at] == 0xFF && jpeg[at + 1] != kStartOfScan) {
    const std::size_t length = std::size_t{jpeg[at + 2]} << 8 | jpeg[at + 3];
    if (length < 2 || length > jpeg.size() - at - 2) break;
    const Span body = jpeg.subspan(at + 4, length - 2);
    if (jpeg[at + 1] == kApp1 && body.size() >= kName.size() &&
        std::equal(kName.begin(), kName.end(), body.begin(),
                   [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; }))
      return orientation_of(Tiff(body.subspan(kName.size()))).value_or(1);
    at += 2 + length;
  }
  return 1;
}

bool swaps_sides(int orientation) {
  return orientation >= 5;
}

Placement upright(int rows, int columns, int orientation) {
  // The stored row 0 is at the bottom for 3, 4 and at the right for 6, 7; column 0 is at the right
  // for 2, 3 and at the bottom for 7, 8.
  const bool rows_backwards =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const bool columns_backwards =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  Placement place{0, swaps_sides(orientation) ? 1 : columns, swaps_sides(orientation) ? rows : 1};
  if (rows_backwards) {
    place.first += (rows - 1) * place.per_row;
    place.per_row = -place.per_row;
  }
  if (columns_backwards) {
    place.first += (columns - 1) * place.per_column;
    place.per_column = -place.per_column;
  }
  return place;
}

}  // namespace thorax::intake
