// Vertebral bodies and their density.
#pragma once

#include "measure/ct.h"

namespace thorax::measure {

/// Centre of the vertebral column on each slice of the scan, from the lungs' lowest slice to their
/// highest.
struct SpinePath {
  int low_z = 0;                      ///< slice of the first centre
  std::vector<volume::Vec3> centres;  ///< mm, one a slice, going up
  bool empty() const { return centres.empty(); }
  int high_z() const { return low_z + static_cast<int>(centres.size()) - 1; }
};

/// Follows the vertebral bodies up between the lungs: bone of a body's size with a canal of soft
/// tissue and an arch of bone behind it, by dynamic programming over the slices. Empty when the
/// lungs are missing or nothing like a spine is found.
SpinePath find_spine(const volume::CtVolume& hu, const volume::Labels& anatomy);

/// Marks the vertebral bodies as kSpine (only where there is no label yet) and adds
/// spine.trabecular_hu: the mean HU of the trabecular bone, as in opportunistic screening for
/// osteoporosis (Pickhardt et al., Opportunistic screening for osteoporosis using abdominal
/// computed tomography scans obtained for other indications, Ann Intern Med 158, 2013).
void measure_spine(const volume::CtVolume& hu, volume::Labels& anatomy, const CtContext& context,
                   Measurements& values);

}  // namespace thorax::measure
