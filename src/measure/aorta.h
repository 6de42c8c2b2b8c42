// The thoracic aorta as circles on axial slices.
#pragma once

#include "measure/heart_region.h"
#include "measure/spine.h"

namespace thorax::measure {

struct AortaCircle {
  volume::Vec3 centre;  ///< mm
  double radius_mm = 0;
  double edge_percent = 0;  ///< how clear the outline is: 100 where blood steps to fat all around
};

struct Aorta {
  std::vector<AortaCircle> descending;  ///< from the lung base up; empty when not found
  std::vector<AortaCircle> ascending;   ///< from 35 mm below the carina up to it; may be empty
};

/// Follows even round discs beside the spine (descending, radius 9 to 17 mm) and in front of the
/// carina (ascending, 12 to 24 mm) whose outline steps to fat, lung or other tissue; from slice to
/// slice by best_path().
Aorta find_aorta(const HeartRegion& heart, const SpinePath& spine);

/// Discs of both parts and, with `arch`, a bent bar between their tops up to 40 mm above the
/// carina; on the heart's grid, not over other anatomy. `margin_mm` widens all.
volume::Mask aorta_mask(const Aorta& aorta, const HeartRegion& heart, double margin_mm, bool arch);

}  // namespace thorax::measure
