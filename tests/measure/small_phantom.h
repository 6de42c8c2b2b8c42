// Coarse phantoms, quick to paint, with the lungs as the only anatomy.
#pragma once

#include "intake/phantom.h"
#include "measure/ct.h"

namespace thorax::measure::testing {

inline intake::PhantomOptions small_phantom_options() {
  intake::PhantomOptions options;
  options.size = 224;
  options.slice_mm = 3;
  options.noise_hu = 8;
  return options;
}

/// The phantom's own labels, reduced to lungs and airways: what the lung segmentation hands on.
inline volume::Labels lungs_only(const volume::Labels& anatomy) {
  volume::Labels lungs = anatomy.clone();
  for (auto& label : lungs.voxels())
    if (label != kLeftLung && label != kRightLung && label != kAirways) label = kNoAnatomy;
  return lungs;
}

/// The phantom of the options above, painted once.
inline const intake::Phantom& healthy_phantom() {
  static const intake::Phantom phantom = intake::make_phantom(small_phantom_options());
  return phantom;
}

/// Share of the voxels marked `label` in `found` that are so in `truth`, too.
inline double precision(const volume::Labels& found, const volume::Labels& truth,
                        std::uint8_t label) {
  double both = 0, all = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    all += found[i] == label;
    both += found[i] == label && truth[i] == label;
  }
  return all > 0 ? both / all : 0;
}

}  // namespace thorax::measure::testing
