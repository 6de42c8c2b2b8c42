// A block of lung with balls and rods in it.
#pragma once

#include <algorithm>
#include <cmath>

#include "measure/ct.h"
#include "volume/volume.h"

namespace thorax::measure::testing {

/// The right lung is an ellipsoid of 45 x 60 x 55 mm radii around the origin, the left one its
/// neighbour at x = 110 mm; soft tissue around. Edges are blurred like those of a scanner.
struct NoduleScene {
  volume::CtVolume hu;
  volume::Labels anatomy;

  static constexpr double kLungHu = -860;

  explicit NoduleScene(double xy_mm = 0.8, double z_mm = 1.25) {
    volume::Grid grid;
    grid.spacing = {xy_mm, xy_mm, z_mm};
    grid.shape = {static_cast<int>(130 / z_mm), static_cast<int>(140 / xy_mm),
                  static_cast<int>(230 / xy_mm)};
    grid.origin = {-60, -70, -65};
    hu = volume::CtVolume(grid, 40);
    anatomy = volume::Labels(grid);
    for (std::size_t i = 0; i < hu.size(); ++i) {
      const volume::Vec3 p = grid.position(grid.at(i));
      for (const double middle : {0.0, 110.0})
        if (square((p.x - middle) / 45) + square(p.y / 60) + square(p.z / 55) < 1) {
          hu[i] = static_cast<std::int16_t>(kLungHu + noise(i));
          anatomy[i] = middle > 0 ? kLeftLung : kRightLung;
        }
    }
  }

  /// A ball where the lung is. Nothing outside the lung field changes.
  void ball(volume::Vec3 centre, double diameter, double value) {
    blend(value, [&](volume::Vec3 p) { return norm(p - centre) - diameter / 2; });
  }

  /// A vessel: a rod from one end to the other.
  void rod(volume::Vec3 from, volume::Vec3 to, double diameter, double value = 40) {
    const volume::Vec3 axis = to - from;
    blend(value, [&](volume::Vec3 p) {
      const double t = std::clamp(dot(p - from, axis) / dot(axis, axis), 0.0, 1.0);
      return norm(p - (from + axis * t)) - diameter / 2;
    });
  }

 private:
  static double square(double v) { return v * v; }

  static double noise(std::size_t i) {
    const auto h = static_cast<std::uint32_t>(i * 2654435761U) >> 8;
    return static_cast<double>(h % 61) - 30;
  }

  template <class F>
  void blend(double value, F&& distance) {
    constexpr double kBlur = 0.6;  // mm
    const volume::Grid& grid = hu.grid();
    for (std::size_t i = 0; i < hu.size(); ++i) {
      if (anatomy[i] == kNoAnatomy) continue;
      const double d = distance(grid.position(grid.at(i)));
      if (d > 4) continue;
      const double share = 0.5 * std::erfc(d / (kBlur * std::sqrt(2.0)));
      const double mixed = hu[i] * (1 - share) + value * share;
      hu[i] = std::max(hu[i], static_cast<std::int16_t>(std::lround(mixed)));
    }
  }
};

}  // namespace thorax::measure::testing
