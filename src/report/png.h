// PNG files in memory.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "report/canvas.h"

namespace thorax::report {

/// Rows from top to bottom. The same pixels give the same bytes. Throws Error("internal"_code).
std::vector<std::uint8_t> encode_png(const Grey& image);
std::vector<std::uint8_t> encode_png(const Canvas& image);

/// The picture with its overlay laid over it, as an opaque colour PNG. Both are PNGs of the same
/// size; without an overlay the picture comes back as it is.
std::vector<std::uint8_t> flatten_png(std::span<const std::uint8_t> png,
                                      std::span<const std::uint8_t> overlay_png);

}  // namespace thorax::report
