// Whether a heat map points at what an answer hangs on: its hot region is hidden in another way
// than the map was made, and so are regions of the same shape elsewhere.
#pragma once

#include <cstdint>

#include "pipeline/occlusion.h"

namespace thorax::pipeline {

/// By how much the answer falls.
struct HeatCheck {
  double hot = 0;        ///< without the hottest part of the picture
  double elsewhere = 0;  ///< without as large a part of the same shape elsewhere, mean over places
};

struct HeatCheckOptions {
  double share = 0.15;  ///< of the pixels, the hottest
  int places = 4;       ///< elsewhere
  double blur = 0.1;    ///< what is hidden shows a Gaussian of that share of the side instead
  std::uint64_t seed = 42;
};

/// `input`: [1, C, S, S]; `whole` is the answer to it. The places elsewhere are the hot region
/// moved around the picture's edges, such that it overlaps itself least of some places that are
/// drawn.
HeatCheck check_heat(const prepare::NetworkInput& input, const OcclusionMap& map, double whole,
                     const Answers& answers, const HeatCheckOptions& options = {});

}  // namespace thorax::pipeline
