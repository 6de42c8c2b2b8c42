// Fluid around the heart.
#pragma once

#include "measure/heart_region.h"

namespace thorax::measure {

struct PericardialFluid {
  volume::Mask mask;       ///< on the heart's grid; all zero where there is no effusion
  double shell_share = 0;  ///< share of water-like voxels where the heart faces the lungs
};

/// Between muscle and lung lies fat in the healthy, water in an effusion. Where more than a third
/// of the layer 2 to 8 mm from the lungs is water-like (-10 to 28 HU), the connected water within
/// 16 mm around the heart is marked, up to the lung. The layer below the dome of the diaphragm,
/// where the stomach lies, is left out.
PericardialFluid find_pericardial_fluid(const HeartRegion& heart);

}  // namespace thorax::measure
