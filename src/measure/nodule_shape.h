// Size and roundness of a segmented lesion.
#pragma once

#include "volume/volume.h"

namespace thorax::measure {

struct NoduleShape {
  double long_mm = 0;   ///< longest axis on an axial slice
  double short_mm = 0;  ///< longest extent perpendicular to it on the same slice
  double volume_mm3 = 0;
  double roundness = 0;   ///< volume over that of the ball with the same largest spread; 1 = ball
  volume::Vec3 centroid;  ///< mm
  volume::Vec3 extent;    ///< mm, enclosing box
  volume::Index inside;   ///< the mask voxel nearest to the centroid

  double diameter_mm() const { return 0.5 * (long_mm + short_mm); }
};

/// Axes as in the Fleischner Society's recommendations (Bankier et al., Recommendations for
/// measuring pulmonary nodules at CT, Radiology 285, 2017): long and perpendicular short axis on
/// the axial slice that shows the longest one. Throws Error(internal) for an empty mask.
NoduleShape measure_shape(const volume::Mask& mask);

}  // namespace thorax::measure
