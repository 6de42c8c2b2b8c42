// Binary morphology with balls in millimetres. Outside the grid counts as background for dilation
// and as foreground for erosion, so that a mask cut by the field of view is not eaten from there.
#pragma once

#include "volume/volume.h"

namespace thorax::volume {

Mask dilate(const Mask& mask, double radius_mm);
Mask erode(const Mask& mask, double radius_mm);
Mask open(const Mask& mask, double radius_mm);   ///< erode, then dilate
Mask close(const Mask& mask, double radius_mm);  ///< dilate, then erode

/// Fills background not connected (by faces) to the border of its axial slice.
void fill_holes_axial(Mask& mask);
/// Fills background not connected (by faces) to the border of the volume.
void fill_holes(Mask& mask);

std::size_t count(const Mask& mask);

}  // namespace thorax::volume
