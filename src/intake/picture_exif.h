// How a camera or phone held a picture: the orientation tag of EXIF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace thorax::intake {

/// Orientation of a JPEG file, 1 to 8 (EXIF 2.32, 4.6.4 A, tag 0x0112): what the first row and the
/// first column of the stored pixels are in the picture. 1, upright, where nothing readable says
/// otherwise.
int exif_orientation(std::span<const std::uint8_t> jpeg);

/// Orientations 5 to 8 swap rows and columns.
bool swaps_sides(int orientation);

/// Where the pixels of a stored picture go in the upright one: pixel (y, x) to
/// first + y * per_row + x * per_column.
struct Placement {
  std::ptrdiff_t first = 0, per_row = 0, per_column = 0;
};
Placement upright(int rows, int columns, int orientation);

}  // namespace thorax::intake
