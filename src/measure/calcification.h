// Calcium in vessel walls.
#pragma once

#include <optional>

#include "measure/ct.h"

namespace thorax::measure {

struct CalciumScore {
  double agatston = 0;
  double volume_mm3 = 0;
  int lesions = 0;  ///< areas on slices
};

/// Agatston's score of `region` (same grid as `hu`): on every slice the connected areas of
/// `threshold_hu` and more with at least 1 mm^2, times 1 to 4 by their peak (130, 200, 300, 400
/// HU), summed and scaled by slice distance / 3 mm (Agatston et al., Quantification of coronary
/// artery calcium using ultrafast computed tomography, J Am Coll Cardiol 15, 1990; the scaling is
/// that of Ohnesorge et al., Radiology 225, 2002). Areas that lie mostly outside the region belong
/// to bone and are left out, and so are pale ones (mean below 220 HU) that are large or lie within
/// 3 mm of lung for more than half: the heart's edge blurred by its beat. Counted voxels are marked
/// `label` in `findings`.
CalciumScore score_calcium(const volume::CtVolume& hu, const volume::Mask& region,
                           double threshold_hu, FindingLabel label, volume::Labels& findings);

struct CalciumThreshold {
  std::optional<double> hu;
  Text why_not;  ///< where there is none, for Measurements::omit
};

/// Agatston's 130 HU, raised to four standard deviations above the blood where noise reaches it
/// (both from `heart`, a mask of heart muscle and blood on the grid of `hu`). None where calcium
/// cannot be told: with contrast medium in the blood, which is as bright as plaque (a threshold
/// above it would leave most plaque out), or when noise asks for more than 200 HU.
CalciumThreshold calcium_threshold(const volume::CtVolume& hu, const volume::Mask& heart,
                                   const CtContext& context);

}  // namespace thorax::measure
