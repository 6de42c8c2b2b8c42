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

/// The upright picture: `stored` has `rows` x `columns` pixels of `channels` samples, `out` as many
/// in all. Throws Error(internal) for spans of another size.
void turn_upright(std::span<const float> stored, std::size_t rows, std::size_t columns,
                  std::size_t channels, int orientation, std::span<float> out);

}  // namespace thorax::intake
