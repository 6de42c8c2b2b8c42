#include "measure/airways_trachea.h"

#include <cmath>

#include "base/parallel.h"
#include "volume/components.h"

namespace thorax::measure {
namespace {

constexpr int kAirHu = -500;  // half-way between air and the tracheal wall

/// Round air-filled sections of one slice that do not touch its border.
std::vector<TubeSection> sections_of(const volume::CtVolume& hu, int z) {
  volume::Grid one = hu.grid();
  one.shape.z = 1;
  volume::Mask air(one);
  const auto slice = hu.slice(z);
  for (std::size_t i = 0; i < air.size(); ++i) air[i] = slice[i] < kAirHu;
  const double pixel = one.spacing.x * one.spacing.y;
  std::vector<TubeSection> out;
  const volume::Components parts = volume::connected_components(air);
  for (const volume::Component& c : parts.components) {
    const double area = static_cast<double>(c.voxels) * pixel;
    if (area < 30 || area > 900) continue;
    if (c.low.x == 0 || c.low.y == 0 || c.high.x == one.shape.x - 1 || c.high.y == one.shape.y - 1)
      continue;
    const double width = (c.high.x - c.low.x + 1) * one.spacing.x;
    const double height = (c.high.y - c.low.y + 1) * one.spacing.y;
    if (width > 2.5 * height || height > 2.5 * width || area < 0.5 * width * height) continue;
    const auto centre = c.centroid();
    const volume::Index inside{0, static_cast<int>(std::lround(centre[1])),
                               static_cast<int>(std::lround(centre[2]))};
    // The lumen is air throughout; an apex of the lung is not.
    if (parts.labels(0, inside.y, inside.x) != c.label || slice[one.offset(inside)] > -850)
      continue;
    out.push_back({z, centre[1], centre[2], area, {z, inside.y, inside.x}});
  }
  return out;
}

/// Middle of the tissue of a slice along x, and the areas of lung (by density) on its two sides.
struct SliceContent {
  double middle_x = 0, low_x_cm2 = 0, high_x_cm2 = 0;
};

SliceContent content_of(const volume::CtVolume& hu, const TubeSection& at) {
  const volume::Shape& s = hu.shape();
  const double pixel_cm2 = hu.grid().spacing.x * hu.grid().spacing.y / 100;
  SliceContent out;
  double sum = 0, n = 0;
  for (int y = 0; y < s.y; ++y)
    for (int x = 0; x < s.x; ++x) {
      const int v = hu(at.z, y, x);
      if (v > -300) {
        sum += x;
        ++n;
      } else if (v < -600 && v > -970) {
        (x < at.x ? out.low_x_cm2 : out.high_x_cm2) += pixel_cm2;
      }
    }
  out.middle_x = n > 0 ? sum / n : s.x / 2.0;
  return out;
}

/// How much a chain looks like a trachea; 0 for not at all.
double chain_score(const volume::CtVolume& hu, const std::vector<TubeSection>& chain) {
  const volume::Vec3& mm = hu.grid().spacing;
  const double length = static_cast<double>(chain.size()) * mm.z;
  if (length < 25) return 0;
  const SliceContent below = content_of(hu, chain.back());
  // One lung may be dense or absent.
  if (std::max(below.low_x_cm2, below.high_x_cm2) < 15) return 0;
  const double aside = (chain.back().x - below.middle_x) * mm.x;
  return std::min(length, 150.0) * std::exp(-aside * aside / (2 * 25.0 * 25.0));
}

}  // namespace

std::vector<TubeSection> find_trachea(const volume::CtVolume& hu) {
  const volume::Shape& shape = hu.shape();
  const volume::Vec3& mm = hu.grid().spacing;
  std::vector<std::vector<TubeSection>> slices(static_cast<std::size_t>(shape.z));
  parallel_for(slices.size(), 4, [&](std::size_t from, std::size_t to) {
    for (std::size_t z = from; z < to; ++z) slices[z] = sections_of(hu, static_cast<int>(z));
  });

  const double reach = 3.0 + mm.z;  // mm between the centres of neighbouring sections
  std::vector<std::vector<TubeSection>> open, done;
  for (int z = shape.z - 1; z >= 0; --z) {
    std::vector<char> used(slices[static_cast<std::size_t>(z)].size(), 0);
    std::vector<std::vector<TubeSection>> still_open;
    for (auto& chain : open) {
      const TubeSection& last = chain.back();
      std::size_t best = used.size();
      double best_distance = reach;
      for (std::size_t k = 0; k < used.size(); ++k) {
        const TubeSection& s = slices[static_cast<std::size_t>(z)][k];
        const double d = std::hypot((s.x - last.x) * mm.x, (s.y - last.y) * mm.y);
        if (used[k] || d > best_distance || s.area_mm2 > 1.9 * last.area_mm2 ||
            last.area_mm2 > 1.9 * s.area_mm2)
          continue;
        best = k;
        best_distance = d;
      }
      if (best == used.size()) {
        done.push_back(std::move(chain));
        continue;
      }
      used[best] = 1;
      chain.push_back(slices[static_cast<std::size_t>(z)][best]);
      still_open.push_back(std::move(chain));
    }
    for (std::size_t k = 0; k < used.size(); ++k)
      if (!used[k]) still_open.push_back({slices[static_cast<std::size_t>(z)][k]});
    open = std::move(still_open);
  }
  for (auto& chain : open) done.push_back(std::move(chain));

  std::vector<TubeSection> best;
  double best_score = 0;
  for (auto& chain : done) {
    const double score = chain_score(hu, chain);
    if (score > best_score) {
      best_score = score;
      best = chain;
    }
  }
  return best;
}

}  // namespace thorax::measure
