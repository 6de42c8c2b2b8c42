// Fluid around the heart.
#pragma once

#include "measure/heart_region.h"

namespace thorax::measure {

struct PericardialFluid {
  volume::Mask mask;     ///< on the grid of the scan; all zero where there is no effusion
  double wet_share = 0;  ///< of the directions in which the heart faces the lungs
};

/// Between muscle and lung lies fat in the healthy, water in an effusion. Where more than a third
/// of the heart's surface that faces the lungs is covered by a layer of water
/// (find_pericardial_layer), the voxels of that layer are marked all around the heart, without
/// those brighter than water.
PericardialFluid find_pericardial_fluid(const volume::CtVolume& hu, const volume::Labels& anatomy,
                                        const HeartRegion& heart);

}  // namespace thorax::measure
