// How suspicious a candidate looks.
#pragma once

#include "volume/geometry.h"

namespace thorax::measure {

struct NoduleFeatures {
  double diameter_mm = 0;
  double roundness = 0;    ///< NoduleShape::roundness
  double exit_share = 0;   ///< share of the surface where it goes on into vessels
  double wall_share = 0;   ///< share of the surface on the edge of the lung field
  double contrast_hu = 0;  ///< core above aerated lung
  double core_hu = 0;
  double vessel_hu = 0;       ///< attenuation of the large vessels in the lung
  double slice_mm = 1;        ///< distance between slices
  double hilum_distance = 0;  ///< in units of the hilum's usual reach; 0 at the hilum
};

/// Rank score in [0, 1]: the product of
///   size        d / (d + 6 mm),
///   roundness   as is,
///   isolation   (1 - exits)^2: a vessel goes on, a nodule ends,
///   wall        1 up to a half of the surface (a hemisphere on the pleura), then falling to 0,
///   contrast    sqrt(contrast / 800 HU), so that ground glass is not drowned by vessels,
///   enhancement 0.3 where the core is as bright as contrast-filled vessels, else 1,
///   fat         0.4 where a large core is fat (pads beside the heart and in the fissures), else 1,
///   resolution  d / 1.5 slices, at most 1: on thick slices a crossing vessel is a round spot too,
///   position    down to 0.4 at the hilum, where large vessels branch.
/// The order is what counts; the score is no probability of malignancy.
double rank_score(const NoduleFeatures& features);

}  // namespace thorax::measure
