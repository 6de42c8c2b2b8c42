// Nodule candidates of the lungs, ranked.
#pragma once

#include <vector>

#include "measure/ct.h"

namespace thorax::measure {

/// Looks for solid, part-solid and ground-glass nodules of 3 mm and more inside the lung fields of
/// `anatomy` (same grid as `hu`; the fields contain dense disease and what touches the wall).
/// Candidates are blobs (find_blobs) whose cut-out shape (segment_nodule) is compact; they are
/// ranked by the product of size, roundness, contrast, isolation from vessels and wall, and
/// distance to the hilum, each in [0, 1]; the best 30 are returned, and those with
/// kSuspiciousNodule or more marked kNodule in `findings`. No lung: no nodule.
std::vector<Nodule> find_nodules(const volume::CtVolume& hu, const volume::Labels& anatomy,
                                 const CtContext& context, volume::Labels& findings);

/// A candidate with this score or more counts as a suspicious nodule: vessel crossings and pleural
/// folds of real scans stay below, free balls of 6 mm and more are above.
inline constexpr double kSuspiciousNodule = 0.2;

/// nodule.suspicious.count and nodule.suspicious.diameter (of the largest one; 0 when there is
/// none).
void add_nodule_measurements(const std::vector<Nodule>& nodules, const CtContext& context,
                             Measurements& values);

}  // namespace thorax::measure
