// Display windows.
#pragma once

#include <cstdint>

namespace thorax::volume {

struct Window {
  double center = 0;
  double width = 1;
};

inline constexpr Window kLungWindow{-600, 1500};
inline constexpr Window kMediastinumWindow{40, 400};
inline constexpr Window kBoneWindow{450, 1500};

/// Linear window to 0..255, rounded to nearest.
std::uint8_t apply_window(double value, const Window& window);

}  // namespace thorax::volume
