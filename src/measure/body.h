// The patient without the table.
#pragma once

#include "volume/volume.h"

namespace thorax::measure {

/// The patient's body on a coarse grid (about 2 mm): tissue above -300 HU without the table,
/// clothes and blankets, and what it encloses in axial slices (lungs, bowel gas).
volume::Mask body_mask(const volume::CtVolume& coarse);

}  // namespace thorax::measure
