// Growing labels over the voxels that belong to them.
#pragma once

#include "volume/volume.h"

namespace thorax::measure {

/// Gives every voxel of `allowed` that can be reached from a labelled voxel (by faces, inside
/// `allowed`) the label that reaches it in the fewest steps; at equal steps the one that comes
/// first in voxel order. Labelled voxels keep their label. At most `steps` steps.
void grow_labels(volume::Labels& labels, const volume::Mask& allowed, int steps = 1 << 30);

/// A watershed: like grow_labels, but voxels with a greater `height` are reached first, so that
/// labels meet where the space between them is narrowest (Meyer, Topographic Distance and Watershed
/// Lines, 1994). `height` is a distance in mm inside `allowed`.
void grow_labels_downhill(volume::Labels& labels, const volume::Mask& allowed,
                          const volume::Volume<float>& height);

}  // namespace thorax::measure
