// Letters of pictures: a 5 x 7 pixel face of our own.
#pragma once

#include <array>
#include <cstdint>

namespace thorax::report {

inline constexpr int kGlyphWidth = 5;
inline constexpr int kGlyphHeight = 7;

/// Rows from top to bottom, bit 4 is the leftmost pixel. Known are A-Z, 0-9, '.', '-', '%' and '+';
/// lower case is drawn as upper case, anything else as a blank.
std::array<std::uint8_t, kGlyphHeight> glyph(char letter);

}  // namespace thorax::report
