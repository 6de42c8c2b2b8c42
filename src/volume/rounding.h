// Values to whole numbers where it happens for every voxel.
#pragma once

#include <type_traits>

namespace thorax::volume {

/// The nearest whole number, halves away from zero: std::lround of what fits an int, inline.
inline int nearest(double value) {
  return static_cast<int>(value < 0 ? value - 0.5 : value + 0.5);
}

/// As a voxel of the type holds it.
template <class T>
T to_voxel(float value) {
  if constexpr (std::is_integral_v<T>) return static_cast<T>(nearest(static_cast<double>(value)));
  return static_cast<T>(value);
}

}  // namespace thorax::volume
