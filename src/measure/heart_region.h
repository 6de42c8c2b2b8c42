// Where the heart is.
#pragma once

#include "measure/ct.h"

namespace thorax::measure {

/// The heart on a grid of about 2 mm.
struct HeartRegion {
  volume::CtVolume hu;     ///< block means
  volume::Labels anatomy;  ///< on the same grid
  volume::Mask heart;
  int carina_z = 0;            ///< slice of the coarse grid
  int dome_z = 0;              ///< highest slice on which the liver bulges into the right lung
  double heart_width_mm = 0;   ///< largest transverse extent between dome and left atrium
  double thorax_width_mm = 0;  ///< largest distance between the outer edges of the lung fields
  double blood_hu = 0;         ///< median of the heart's inside
  bool empty() const { return heart.empty(); }
};

/// The dense body between the lungs, from 25 mm below the carina down: soft tissue inside the
/// convex hull of the lungs and in front of the spine, opened by 8 mm so that vessels, oesophagus
/// and fat fall away. Below the dome of the diaphragm, where CT without contrast shows no border to
/// the liver, a slice may only narrow the one above, by 1 mm a mm. Empty without both lungs or when
/// nothing of a heart's size is there. `anatomy` should already hold airways and spine.
HeartRegion find_heart(const volume::CtVolume& hu, const volume::Labels& anatomy);

}  // namespace thorax::measure
