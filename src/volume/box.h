// Working on the part of a volume that matters.
#pragma once

#include "volume/volume.h"

namespace thorax::volume {

/// Voxels [low, high) per axis.
struct Box {
  Index low, high;
};

/// The box around the set voxels, grown by margins in mm within the volume; the whole volume when
/// nothing is set.
Box box_around(const Mask& mask, double margin_mm);

/// Writes `part` into `whole` at `low`.
void paste(const Mask& part, Index low, Mask& whole);

}  // namespace thorax::volume
