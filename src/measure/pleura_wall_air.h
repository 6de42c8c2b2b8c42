// Thin layers of free air along the chest wall.
#pragma once

#include "measure/lungs.h"

namespace thorax::measure {

/// Pleural air on the grid of `hu` (kLeftLung, kRightLung) that lies on the non-dependent chest
/// wall, also where the layer is only a few millimetres thick. From the midline rays are sent to
/// the wall on every slice; on each the air without tissue next to the wall is measured. Where the
/// layer is at least 2.5 mm thick over more than 18 mm of wall in every direction, and its patch is
/// wider than it is thick (a bulla is not), it is free air; it is followed to its thin margins. The
/// 2.5 mm keep the dark rim that sharp kernels draw along the wall out of it.
volume::Labels find_wall_air(const volume::CtVolume& hu, const volume::Labels& anatomy,
                             const CoarseChest& chest);

}  // namespace thorax::measure
