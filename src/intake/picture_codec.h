// The picture libraries behind one interface.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace thorax::intake {

struct PictureSize {
  int rows = 0, columns = 0, channels = 1;
};

// All throw Error(picture_broken) with what the library says.
PictureSize jpeg_size(std::span<const std::uint8_t> file);
/// `orientation` is that of EXIF; `out` is upright.
void decode_jpeg(std::span<const std::uint8_t> file, int orientation, std::span<float> out);
PictureSize png_size(std::span<const std::uint8_t> file);
void decode_png(std::span<const std::uint8_t> file, std::span<float> out);

[[noreturn]] void picture_is_broken(const std::string& detail);

}  // namespace thorax::intake
