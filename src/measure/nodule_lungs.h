// The lungs as the nodule search sees them.
#pragma once

#include <array>

#include "measure/ct.h"

namespace thorax::measure {

/// Both lung fields cut out of a scan, on its voxels and on cubes of about 1 mm for the blob
/// search.
struct NoduleLungs {
  struct Box {
    volume::Vec3 low{1e9, 1e9, 1e9}, high{-1e9, -1e9, -1e9};  ///< mm, voxel centres
    bool empty() const { return high.x < low.x; }
  };

  volume::CtVolume hu;
  volume::Labels sides;      ///< kLeftLung, kRightLung, else 0; grid of `hu`
  volume::CtVolume field;    ///< inside the lungs HU in [-1000, 60], outside the median of the air
  volume::Mask inside;       ///< the lungs on the grid of `field`
  double vessel_hu = 0;      ///< attenuation of the large vessels in the lung
  std::array<Box, 2> boxes;  ///< left, right

  bool empty() const { return hu.empty(); }
  const Box& box(Side side) const { return boxes[side == Side::left ? 0 : 1]; }
  /// Side of the field that holds a point; none outside.
  Side side_at(volume::Vec3 point) const;
  /// Distance to the hilum of that side in units of its reach (25 mm sideways, 30 mm front to back,
  /// 45 mm up and down, where the large vessels branch). The hilum is taken 25 mm into the lung
  /// from its medial border, about the middle of its depth and height.
  double hilum_distance(volume::Vec3 point, Side side) const;
};

/// Empty when `anatomy` (same grid as `hu`) has no lung.
NoduleLungs cut_out_lungs(const volume::CtVolume& hu, const volume::Labels& anatomy);

}  // namespace thorax::measure
