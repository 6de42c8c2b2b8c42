// The trachea as a chain of round sections.
#pragma once

#include <vector>

#include "volume/volume.h"

namespace thorax::measure {

/// One axial section through an air-filled tube.
struct TubeSection {
  int z = 0;
  double y = 0, x = 0;  ///< centroid, voxels
  double area_mm2 = 0;
  volume::Index seed;  ///< a voxel of the section
};

/// The sections of the trachea from head to feet, on a grid of 1 to 2 mm in plane; empty when there
/// is none. The last section lies just above the carina.
std::vector<TubeSection> find_trachea(const volume::CtVolume& hu);

}  // namespace thorax::measure
