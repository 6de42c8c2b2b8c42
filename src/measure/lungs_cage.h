// The inner surface of the rib cage.
#pragma once

#include <vector>

#include "volume/volume.h"

namespace thorax::measure {

/// Radius of the inner chest wall around a vertical axis, for every coarse slice and angle. Where
/// lung touches the wall it is the lung's own surface; elsewhere it follows the ribs, so that it
/// also holds where fluid or dense lung lies between.
class Cage {
 public:
  Cage() = default;  ///< of a chest without lungs: nothing is inside
  /// `air`: labelled lung air on the grid of `hu` (about 2 mm).
  Cage(const volume::CtVolume& hu, const volume::Mask& body, const volume::Labels& air);

  /// Millimetres from a voxel to the wall along its ray; negative outside.
  double depth(int z, int y, int x) const;
  double axis_x() const { return axis_x_; }  ///< voxels; near the midline
  double axis_y() const { return axis_y_; }
  /// Whether a voxel lies within the ribs by the most generous reading.
  bool may_hold(int z, int y, int x) const;

  static constexpr int kAngles = 180;

 private:
  struct Polar {
    int angle;
    double radius;
  };
  Polar polar(int y, int x) const;
  static double at(const std::vector<double>& map, int z, int angle) {
    const std::size_t i = static_cast<std::size_t>(z) * kAngles + static_cast<std::size_t>(angle);
    return i < map.size() ? map[i] : 0;
  }

  volume::Grid grid_;
  double axis_x_ = 0, axis_y_ = 0;
  std::vector<double> radius_, outer_;
};

}  // namespace thorax::measure
