// Dense disease that an air threshold leaves out of the lung field.
#pragma once

#include "measure/lungs.h"

namespace thorax::measure {

/// Soft tissue of each pleural cavity that is no lung air: labels kLeftLung / kRightLung. The
/// cavity is bounded by the ribs (Cage), by the lateral face of the mediastinum and by the
/// diaphragm; the last two are height maps of the visible lung surface with short bumps opened
/// away, because disease bulges from them over a few centimetres and heart, aorta and domes over
/// more. What replaces a whole surface (a lobe collapsed on the diaphragm) is not found.
volume::Labels find_dense_lung(const CoarseChest& chest);

}  // namespace thorax::measure
