// Ground glass and consolidation.
#pragma once

#include "base/measurement.h"
#include "measure/lungs.h"

namespace thorax::measure {

/// Opacities on the coarse grid: kGroundGlass, kConsolidation, or 0.
///
/// Ground glass is lung that is at least 150 HU denser than the median of the air-filled lung (and
/// above -720 HU) up to -250 HU; consolidation is denser. Both are sought as lumps thicker than
/// vessels, fissures and the partial volume of the pleura, and then grown back to their half-way
/// surface; vessels and what they mix with belong to ground glass where it is the larger part of
/// the lung within 10 mm. Left out: dense lumps of up to 30 mm (nodules), lumps at the hilum,
/// contrast-filled vessels, and the thin dependent layer along the posterior chest wall.
volume::Labels find_opacities(const CoarseChest& chest);

/// Paints `opacities` into `findings` (on the grid of `hu`; fluid and free air stay) and adds
/// {ground_glass,consolidation}.{volume,percent} and .percent by side and by third.
void measure_opacities(const volume::CtVolume& hu, const volume::Labels& anatomy,
                       const volume::Labels& opacities, volume::Labels& findings,
                       Measurements& values);

}  // namespace thorax::measure
