// The border of what lies in the pleural cavity, on the voxels of the scan.
#pragma once

#include "volume/volume.h"

namespace thorax::measure {

/// Mean of the voxels with low < HU < high in the 3 x 3 neighbourhood of (z, y, x), on slices
/// thinner than 1.5 mm in the 3 x 3 x 3 one; `none` where there are none.
int mean_around(const volume::CtVolume& hu, int z, int y, int x, int low, int high, int none);

/// Adds the layer of voxels that partial volume mixes half and half: a face neighbour of a labelled
/// voxel joins when its density lies nearer to `inside_hu` than to the farthest density in its
/// 3 x 3 neighbourhood on the slice (darkest when `darker`, else brightest): a border at half
/// maximum, whatever lies beyond.
void add_half_covered(const volume::CtVolume& hu, const volume::Mask& allowed, int inside_hu,
                      bool darker, volume::Labels& labels);

}  // namespace thorax::measure
