// What fills the lungs: sample points of the pleural cavities, vessels and bronchi.
#pragma once

#include <vector>

#include "intake/phantom_chest.h"

namespace thorax::intake::phantom {

/// A point of a pleural cavity with its distances (mm, negative inside).
struct LungPoint {
  Vec3 p;
  double lung = 0;  ///< to the border of the lung field
  double cage = 0;  ///< to the chest wall
};

/// The lung fields on a cubic lattice, in a fixed order: every statistic that places or sizes a
/// finding before it is painted is taken over these.
struct LungLattice {
  double step = 2;
  std::vector<LungPoint> right, left;

  const std::vector<LungPoint>& of(PhantomSide side) const {
    return side == PhantomSide::left ? left : right;
  }
  double point_mm3() const { return step * step * step; }
};
LungLattice sample_lungs(const Chest& chest, double step);

struct LungTree {
  std::vector<Rod> vessels;
  std::vector<Airway> bronchi;
};

/// Grows arteries, veins and bronchi from the hila: a branch aims at the middle of the points it
/// has to supply, splits them in two across their longest extent, and its radius follows Murray's
/// law (r^2.7 sums up over the branches; Murray, 1926, with the exponent measured in lungs).
LungTree grow_tree(const LungLattice& lattice, std::uint64_t seed);

}  // namespace thorax::intake::phantom
