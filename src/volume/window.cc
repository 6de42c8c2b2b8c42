#include "volume/window.h"

#include <algorithm>

namespace thorax::volume {

std::uint8_t apply_window(double value, const Window& window) {
  const double low = window.center - window.width / 2;
  const double scaled = (value - low) / window.width * 255.0;
  return static_cast<std::uint8_t>(std::clamp(scaled, 0.0, 255.0) + 0.5);
}

}  // namespace thorax::volume
