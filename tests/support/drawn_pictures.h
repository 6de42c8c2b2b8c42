// Pictures of one grey level.
#pragma once

#include <filesystem>
#include <fstream>

#include "intake/phantom_xray.h"

namespace thorax::testing_support {

/// `level`: 0 to 255.
inline void draw_picture(const std::filesystem::path& path, int level, int side = 64) {
  volume::Image image;
  image.height = image.width = side;
  // What encode_xray_png makes into `level`.
  image.pixels.assign(static_cast<std::size_t>(side) * static_cast<std::size_t>(side),
                      static_cast<float>(level * 4095.0 / 255));
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << intake::encode_xray_png(image);
}

}  // namespace thorax::testing_support
