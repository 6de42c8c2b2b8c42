// What of a picture is compared when it is laid upon an atlas: a small square of how each place
// differs from its surroundings, with its slopes.
#pragma once

#include <array>
#include <vector>

#include "prepare/picture.h"

namespace thorax::prepare {

inline constexpr int kAtlasSide = 64;
inline constexpr std::size_t kAtlasPixels = static_cast<std::size_t>(kAtlasSide) * kAtlasSide;

/// One value a pixel of a square of kAtlasSide pixels, rows from the top.
using AtlasMap = std::vector<float>;

/// (value - mean) / deviation, both under a Gaussian of a seventh of the side, smoothed by a
/// pixel; and its slopes, where the picture's side is 2 long.
struct AtlasFeatures {
  explicit AtlasFeatures(const Picture& grey);

  AtlasMap map, across, down;
};

/// Centre of pixel `i` along a side that goes from -1 to 1.
constexpr double atlas_centre(int i) {
  return (i + 0.5) / kAtlasSide * 2 - 1;
}

/// Where a position along a side falls between pixels.
struct AtlasPlace {
  std::size_t first = 0, second = 0;
  float share = 0;    ///< of the second
  double inside = 0;  ///< 1 in the picture, 0 beyond, in between over four pixels at its edge
};

/// Where the atlas's pixels fall along a side when the atlas is `size` pictures long and its middle
/// lies at `centre`.
std::array<AtlasPlace, kAtlasSide> atlas_places(double size, double centre);

/// Between four pixels.
double sample(const AtlasMap& map, const AtlasPlace& y, const AtlasPlace& x);

}  // namespace thorax::prepare
