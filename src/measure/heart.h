// The heart, the fluid around it, and calcium in its arteries and in the aorta.
#pragma once

#include "measure/ct.h"

namespace thorax::measure {

/// Adds heart.ctr, heart.volume, pericardial_effusion.volume, coronary_calcium.agatston,
/// aorta.calcium.agatston and, where its outline is clear, aorta.ascending.diameter. Marks kHeart
/// and kAorta in `anatomy` where there is no label yet, and effusion and calcium in `findings`;
/// appends their regions. Nothing without both lungs. `anatomy` should hold airways and spine.
void measure_heart(const volume::CtVolume& hu, volume::Labels& anatomy, Measurements& values,
                   std::vector<Region>& regions, volume::Labels& findings,
                   const CtContext& context);

}  // namespace thorax::measure
