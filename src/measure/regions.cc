#include "measure/regions.h"

#include <array>
#include <cmath>

#include "measure/thirds.h"
#include "volume/components.h"
#include "volume/resample.h"

namespace thorax::measure {
namespace {

constexpr double kLeastMl = 1;
constexpr std::size_t kMost = 20;

/// One part of `parts` as a region. `anatomy` and `spans` are of the same grid.
Region describe(const volume::CtVolume& coarse, const volume::Labels& anatomy,
                const LungSpans& spans, const volume::Components& parts, const volume::Component& c,
                FindingLabel label) {
  const volume::Grid& grid = coarse.grid();
  Region out;
  out.label = label;
  out.volume_ml = static_cast<double>(c.voxels) * grid.voxel_ml();
  const auto middle = c.centroid();
  double sum = 0, left = 0, right = 0, nearest = 1e300;
  volume::Index inside = c.low;
  for (int z = c.low.z; z <= c.high.z; ++z)
    for (int y = c.low.y; y <= c.high.y; ++y)
      for (int x = c.low.x; x <= c.high.x; ++x) {
        if (parts.labels(z, y, x) != c.label) continue;
        sum += coarse(z, y, x);
        left += anatomy(z, y, x) == kLeftLung;
        right += anatomy(z, y, x) == kRightLung;
        const double d = std::hypot(z - middle[0], y - middle[1], x - middle[2]);
        if (d < nearest) {
          nearest = d;
          inside = {z, y, x};
        }
      }
  out.mean_hu = sum / static_cast<double>(c.voxels);
  out.side = left > 4 * right ? Side::left : right > 4 * left ? Side::right : Side::both;
  const volume::Vec3 centre = grid.position(middle[0], middle[1], middle[2]);
  out.place.centre_mm = {centre.x, centre.y, centre.z};
  out.place.size_mm = {(c.high.x - c.low.x + 1) * grid.spacing.x,
                       (c.high.y - c.low.y + 1) * grid.spacing.y,
                       (c.high.z - c.low.z + 1) * grid.spacing.z};
  out.place.voxel = {inside.z, inside.y, inside.x};
  const bool pleural = out.label == kPleuralEffusion || out.label == kPneumothorax;
  out.place.where = pleural ? describe_pleural_place(out.side)
                            : describe_place(out.side, spans.of(out.side).third(inside.z));
  return out;
}

}  // namespace

std::vector<Region> list_regions(const volume::CtVolume& coarse, const volume::Labels& anatomy,
                                 const volume::Labels& findings) {
  const volume::Labels here = volume::resample_nearest(findings, coarse.grid());
  const volume::Labels lungs = volume::resample_nearest(anatomy, coarse.grid());
  const LungSpans spans = lung_spans(lungs);
  std::vector<Region> out;
  for (const FindingLabel label :
       {kConsolidation, kGroundGlass, kPleuralEffusion, kPneumothorax, kEmphysema}) {
    volume::Mask mask(coarse.grid());
    for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = here[i] == label;
    const volume::Components parts = volume::connected_components(mask);
    for (std::size_t k = 0; k < std::min(kMost, parts.components.size()); ++k) {
      const volume::Component& c = parts.components[k];
      if (static_cast<double>(c.voxels) * coarse.grid().voxel_ml() < kLeastMl) break;
      Region region = describe(coarse, lungs, spans, parts, c, label);
      // The voxel of a place is one of the analysed volume.
      const auto full = anatomy.grid().index(coarse.grid().position(
          {region.place.voxel[0], region.place.voxel[1], region.place.voxel[2]}));
      const volume::Shape& s = anatomy.shape();
      region.place.voxel = {std::clamp(static_cast<int>(std::lround(full[0])), 0, s.z - 1),
                            std::clamp(static_cast<int>(std::lround(full[1])), 0, s.y - 1),
                            std::clamp(static_cast<int>(std::lround(full[2])), 0, s.x - 1)};
      out.push_back(std::move(region));
    }
  }
  return out;
}

}  // namespace thorax::measure
