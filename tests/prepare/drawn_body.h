// A chest that can be framed in any way.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "prepare/frame.h"

namespace thorax::prepare {

/// How bright the body is at a place, both axes 0 to 1 over all of it: lungs with ribs on either
/// side of a bright middle, the abdomen below, air around. The right lung may be filled.
inline double body(double y, double x, bool filled) {
  const double across = std::abs(x - 0.5);
  if (across > 0.42 + 0.04 * std::sin(3 * y)) return 20;
  double level = 120 + 60 * std::exp(-across * across / 0.006);
  const double down = (y - 0.42) / 0.3, out = (across - 0.22) / 0.13;
  const double inside = 1 / (1 + std::exp(8 * (down * down + out * out - 1)));
  const double air = filled && x < 0.5 ? 0.35 : 1;
  level -= inside * air * (70 - 12 * std::sin(60 * y + 10 * across));
  if (y > 0.7) level += 50 * (1 - std::exp(-(y - 0.7) / 0.05));
  return level;
}

/// What a picture of size x size shows of the body.
inline Picture drawn(const Frame& shown, int size = 128, bool filled = false) {
  Picture picture{.height = size, .width = size, .channels = 1, .levels = {}};
  for (int row = 0; row < size; ++row)
    for (int column = 0; column < size; ++column)
      picture.levels.push_back(static_cast<std::uint8_t>(
          std::clamp(body(shown.top + shown.height * (row + 0.5) / size,
                          shown.left + shown.width * (column + 0.5) / size, filled),
                     0.0, 255.0)));
  return picture;
}

/// The part of the body in a frame of a picture.
inline Frame in_body(const Frame& shown, const Frame& frame) {
  return {.top = shown.top + frame.top * shown.height,
          .left = shown.left + frame.left * shown.width,
          .height = frame.height * shown.height,
          .width = frame.width * shown.width};
}

}  // namespace thorax::prepare
