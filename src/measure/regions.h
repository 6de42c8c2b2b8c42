// Connected areas of findings, for lists and pictures.
#pragma once

#include <vector>

#include "measure/ct.h"

namespace thorax::measure {

/// The connected areas of the lung findings (emphysema, ground glass, consolidation, effusion,
/// pneumothorax) of at least 1 mL, largest first within each, at most 20 of each. Areas are joined
/// on the grid of `coarse`, whose voxels take the label nearest to their centre.
std::vector<Region> list_regions(const volume::CtVolume& coarse, const volume::Labels& anatomy,
                                 const volume::Labels& findings);

}  // namespace thorax::measure
