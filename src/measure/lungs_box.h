// Working on the part of a volume that matters.
#pragma once

#include "volume/volume.h"

namespace thorax::measure {

/// Voxels [low, high) per axis.
struct Box {
  volume::Index low, high;
};

/// The box around the set voxels, grown by margins in mm within the volume; the whole volume when
/// nothing is set.
Box box_around(const volume::Mask& mask, double margin_mm);

/// Writes `part` into `whole` at `low`.
void paste(const volume::Mask& part, volume::Index low, volume::Mask& whole);

}  // namespace thorax::measure
