#include "prepare/atlas_features.h"

#include <algorithm>
#include <cmath>

#include "prepare/picture_resize.h"
#include "volume/filter.h"

namespace thorax::prepare {
namespace {

constexpr double kSurroundings = 9, kSmooth = 1;  // pixels
constexpr float kFaint = 9;                       // variance that is no structure

AtlasMap smoothed(const AtlasMap& map, double sigma) {
  volume::Grid grid;
  grid.shape = {.z = 1, .y = kAtlasSide, .x = kAtlasSide};
  volume::Volume<float> plane(grid);
  std::ranges::copy(map, plane.data());
  const volume::Volume<float> smooth = volume::gaussian(plane, sigma);
  return {smooth.voxels().begin(), smooth.voxels().end()};
}

AtlasMap differences(const Picture& grey) {
  const Picture small = resize(grey, kAtlasSide, kAtlasSide, Filter::bilinear);
  AtlasMap map(small.levels.begin(), small.levels.end());
  const AtlasMap mean = smoothed(map, kSurroundings);
  AtlasMap squares(kAtlasPixels);
  for (std::size_t i = 0; i < kAtlasPixels; ++i) {
    map[i] -= mean[i];
    squares[i] = map[i] * map[i];
  }
  const AtlasMap variance = smoothed(squares, kSurroundings);
  for (std::size_t i = 0; i < kAtlasPixels; ++i) map[i] /= std::sqrt(variance[i] + kFaint);
  return smoothed(map, kSmooth);
}

AtlasPlace place_of(double position) {
  const double pixel = std::clamp((position + 1) * kAtlasSide / 2 - 0.5, 0.0, kAtlasSide - 1.0);
  AtlasPlace found;
  found.first = static_cast<std::size_t>(pixel);
  found.second = std::min<std::size_t>(found.first + 1, kAtlasSide - 1);
  found.share = static_cast<float>(pixel - static_cast<double>(found.first));
  found.inside = std::clamp((1 - std::abs(position)) * kAtlasSide / 4 + 0.5, 0.0, 1.0);
  return found;
}

}  // namespace

AtlasFeatures::AtlasFeatures(const Picture& grey)
    : map(differences(grey)), across(kAtlasPixels), down(kAtlasPixels) {
  const auto at = [&](int y, int x) {
    return map[static_cast<std::size_t>(std::clamp(y, 0, kAtlasSide - 1) * kAtlasSide +
                                        std::clamp(x, 0, kAtlasSide - 1))];
  };
  constexpr float kPerPixel = kAtlasSide / 4.0F;
  for (int y = 0; y < kAtlasSide; ++y)
    for (int x = 0; x < kAtlasSide; ++x) {
      const auto i = static_cast<std::size_t>(y * kAtlasSide + x);
      across[i] = (at(y, x + 1) - at(y, x - 1)) * kPerPixel;
      down[i] = (at(y + 1, x) - at(y - 1, x)) * kPerPixel;
    }
}

std::array<AtlasPlace, kAtlasSide> atlas_places(double size, double centre) {
  std::array<AtlasPlace, kAtlasSide> places;
  for (int i = 0; i < kAtlasSide; ++i)
    places[static_cast<std::size_t>(i)] = place_of(size * atlas_centre(i) + centre);
  return places;
}

double sample(const AtlasMap& map, const AtlasPlace& y, const AtlasPlace& x) {
  const float* upper = map.data() + y.first * kAtlasSide;
  const float* lower = map.data() + y.second * kAtlasSide;
  const float above = upper[x.first] + x.share * (upper[x.second] - upper[x.first]);
  const float below = lower[x.first] + x.share * (lower[x.second] - lower[x.first]);
  return static_cast<double>(above + y.share * (below - above));
}

}  // namespace thorax::prepare
