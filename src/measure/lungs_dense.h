// Dense disease that an air threshold leaves out of the lung field.
#pragma once

#include "measure/lungs.h"

namespace thorax::measure {

/// Soft tissue of each pleural cavity that is no lung air: labels kLeftLung / kRightLung. The
/// cavity is bounded by the ribs (Cage), by the lateral face of the mediastinum and by the
/// diaphragm; the last two are height maps of the visible lung surface with bumps opened away:
/// beside the mediastinum short ones, on the diaphragm those more curved than a dome of 45 mm
/// radius, because disease bulges over a few centimetres and heart, aorta and domes over more.
/// Behind the middle of the chest and below the top of a dome the dome itself is the medial border.
/// What replaces a whole surface (a lobe collapsed on the diaphragm) is not found, and of dense
/// lung that rests on the diaphragm the lowest part may be missed.
volume::Labels find_dense_lung(const CoarseChest& chest);

}  // namespace thorax::measure
