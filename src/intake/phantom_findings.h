// Disease in the phantom: where it lies and how far it reaches, decided before painting.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <vector>

#include "intake/phantom_tree.h"

namespace thorax::intake::phantom {

/// The part of one pleural cavity where field(point) < level; field changes by about 1 a mm.
struct Spread {
  PhantomFinding label = kPhantomGroundGlass;
  PhantomSide side = PhantomSide::right;
  std::function<double(const LungPoint&)> field;
  double level = 0;
  std::uint8_t instance = 0;

  double distance(const LungPoint& at) const { return field(at) - level; }
};

struct Ball {
  Vec3 centre;
  double radius = 5;
  double hu = 40;
  double core_radius = 0;  ///< of the solid core of a part-solid nodule
  double core_hu = 40;
  std::uint8_t instance = 0;
};

struct Plaque {
  Rod rod;
  PhantomFinding label = kPhantomCoronaryCalcification;
  std::uint8_t instance = 0;
};

/// Everything to paint. Instances are numbered from 1 in the order of `instances`, whose entries
/// become the truth's findings.
struct FindingPlan {
  std::vector<Spread> spreads;
  std::vector<Ball> nodules;
  std::vector<Ball> holes;  ///< emphysema, ascending centre z
  std::uint8_t holes_instance = 0, pericardial_instance = 0, mass_instance = 0;
  std::vector<Plaque> plaques;
  nlohmann::json instances = nlohmann::json::array();
};

/// `options` in model millimetres (body_scale taken out). Throws Error("bad_option"_code) when a
/// finding does not fit.
FindingPlan plan_findings(const PhantomOptions& options, const Chest& chest,
                          const LungLattice& lattice, const LungTree& tree);

}  // namespace thorax::intake::phantom
