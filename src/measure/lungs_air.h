// Which air of a chest CT is lung.
#pragma once

#include "volume/volume.h"

namespace thorax::measure {

/// Air-filled lung on a coarse grid as kLeftLung / kRightLung. `airy` are the voxels that may be
/// lung, without airways. Outside air, bowel gas and stray pockets are left out.
volume::Labels label_lung_air(const volume::CtVolume& hu, const volume::Mask& body,
                              const volume::Mask& airy);

}  // namespace thorax::measure
