// Pleural fluid on the voxels of the scan.
#pragma once

#include "measure/lungs.h"

namespace thorax::measure {

/// Brings chest.fluid to the grid of `hu`, and on into the thin margins of the layer that the
/// coarse grid cannot hold: voxels whose surroundings (mean_around, without lung and bone) lie
/// below half-way between this fluid and muscle, up to 16 mm from the coarse layer and inside the
/// chest wall. Against the lung the border is at half maximum. Labels kLeftLung / kRightLung.
volume::Labels refine_pleural_fluid(const volume::CtVolume& hu, const CoarseChest& chest);

}  // namespace thorax::measure
