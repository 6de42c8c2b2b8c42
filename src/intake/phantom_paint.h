// One axial plane of the phantom.
#pragma once

#include <vector>

#include "intake/phantom_findings.h"

namespace thorax::intake::phantom {

struct Scene {
  const PhantomOptions& options;  ///< in model millimetres
  const Chest& chest;
  const LungTree& tree;
  const FindingPlan& plan;
  std::uint64_t seed = 1;
};

/// A square plane of `size` pixels of `step` mm, centred on the origin.
struct Plane {
  explicit Plane(int pixels, double step_mm);

  int size;
  double step;
  std::vector<float> hu;
  std::vector<std::uint8_t> anatomy, finding, instance;
  std::vector<double> lung, cage;  ///< distances, where they were computed (else far)

  double coordinate(int i) const { return (i - (size - 1) / 2.0) * step; }
  std::size_t at(int y, int x) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(size) +
           static_cast<std::size_t>(x);
  }
};

/// Paints the plane at height z, from the outside in; later shapes cover earlier ones.
void paint_plane(const Scene& scene, double z, Plane& plane);

}  // namespace thorax::intake::phantom
