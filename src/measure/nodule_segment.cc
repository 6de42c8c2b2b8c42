#include "measure/nodule_segment.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "volume/components.h"
#include "volume/distance.h"
#include "volume/morphology.h"
#include "volume/resample.h"
#include "volume/statistics.h"

namespace thorax::measure {
namespace {

using volume::CtVolume;
using volume::Grid;
using volume::Index;
using volume::Labels;
using volume::Mask;

constexpr double kAirHu = -650;        // aerated lung is below
constexpr double kUsualLungHu = -850;  // where a patch shows too little of it
constexpr double kSolidHu = 60;        // soft tissue; denser cores are capped (calcium, contrast)
constexpr double kLeastContrastHu = 120;
constexpr double kGroundGlassHu = -350, kCoreTolerance = 100;
constexpr std::uint64_t kInnerVoxels = 20;

struct Patch {
  Grid grid;
  Index low;
};

Patch patch_around(const Grid& source, volume::Vec3 centre, double reach_mm) {
  const auto at = source.index(centre);
  const auto bounds = [&](double middle, double spacing, int size) {
    const double reach = reach_mm / spacing;
    return std::pair{std::clamp(static_cast<int>(std::floor(middle - reach)) - 1, 0, size - 1),
                     std::clamp(static_cast<int>(std::ceil(middle + reach)) + 1, 0, size - 1)};
  };
  const auto [z0, z1] = bounds(at[0], source.spacing.z, source.shape.z);
  const auto [y0, y1] = bounds(at[1], source.spacing.y, source.shape.y);
  const auto [x0, x1] = bounds(at[2], source.spacing.x, source.shape.x);
  Patch patch;
  patch.low = {z0, y0, x0};
  patch.grid = source;
  patch.grid.shape = {z1 - z0 + 1, y1 - y0 + 1, x1 - x0 + 1};
  patch.grid.origin = source.position(patch.low);
  return patch;
}

template <class F>
void for_each_voxel(const Grid& grid, F&& body) {
  std::size_t i = 0;
  for (int z = 0; z < grid.shape.z; ++z)
    for (int y = 0; y < grid.shape.y; ++y)
      for (int x = 0; x < grid.shape.x; ++x, ++i) body(i, Index{z, y, x});
}

double distance_mm(const Grid& grid, Index at, volume::Vec3 from) {
  return norm(grid.position(at) - from);
}

// The six face neighbours that lie on the grid.
template <class F>
void for_each_neighbour(const Grid& grid, Index at, F&& body) {
  static constexpr std::array<std::array<int, 3>, 6> kSteps{
      {{-1, 0, 0}, {1, 0, 0}, {0, -1, 0}, {0, 1, 0}, {0, 0, -1}, {0, 0, 1}}};
  for (const auto& step : kSteps) {
    const Index next{at.z + step[0], at.y + step[1], at.x + step[2]};
    if (grid.contains(next.z, next.y, next.x)) body(next);
  }
}

// Densest place near the blob's centre (mean over a 3 x 3 x 3 box): the response peak is only as
// exact as its scale's grid.
Index core_voxel(const CtVolume& hu, const Mask& lung, const Blob& blob) {
  const Grid& grid = hu.grid();
  const double reach = std::max(0.5 * blob.radius_mm, 1.5 * grid.spacing.x);
  double best = -1e9;
  const auto middle = grid.index(blob.position);
  Index seed{static_cast<int>(std::lround(middle[0])), static_cast<int>(std::lround(middle[1])),
             static_cast<int>(std::lround(middle[2]))};
  for_each_voxel(grid, [&](std::size_t i, Index at) {
    const double from = distance_mm(grid, at, blob.position);
    if (!lung[i] || from > reach) return;
    double sum = 0;
    int n = 0;
    for (int dz = -1; dz <= 1; ++dz)
      for (int dy = -1; dy <= 1; ++dy)
        for (int dx = -1; dx <= 1; ++dx)
          if (grid.contains(at.z + dz, at.y + dy, at.x + dx)) {
            // Thick slices: the neighbour above is farther away and says less.
            const int weight = dz == 0 || grid.spacing.z < 1.5 * grid.spacing.x ? 2 : 1;
            sum += weight * std::min<double>(hu(at.z + dz, at.y + dy, at.x + dx), kSolidHu);
            n += weight;
          }
    const double mean = sum / n - 10 * from / reach;  // of equals, the one nearest to the centre
    if (mean > best) {
      best = mean;
      seed = at;
    }
  });
  return seed;
}

double median_air(const CtVolume& hu, const Mask& lung) {
  volume::HuHistogram air(-1100, static_cast<int>(kAirHu));
  for (std::size_t i = 0; i < hu.size(); ++i)
    if (lung[i] && hu[i] < kAirHu) air.add(hu[i]);
  return air.total() < 30 ? kUsualLungHu : air.percentile(50);
}

double core_mean(const CtVolume& hu, const Mask& lung, Index seed, double radius_mm) {
  const Grid& grid = hu.grid();
  const auto centre = grid.position(seed);
  const double reach = std::max(0.4 * radius_mm, 0.9 * grid.spacing.x);
  double sum = 0;
  int n = 0;
  for_each_voxel(grid, [&](std::size_t i, Index at) {
    if (lung[i] && distance_mm(grid, at, centre) <= reach) {
      sum += hu[i];
      ++n;
    }
  });
  return n ? sum / n : hu(seed.z, seed.y, seed.x);
}

// Aerated lung. What lies outside the lung field is none: a nodule on the pleura is as deep there
// as if it went on.
Mask aerated(const Mask& region, const Mask& lung) {
  Mask out(region.grid());
  for (std::size_t i = 0; i < region.size(); ++i) out[i] = lung[i] && !region[i];
  return out;
}

struct Detached {
  Mask mask;
  Mask loose;  // with crumbs
  double inscribed_mm = 0;
};

// Keeps the part of `region` around its deepest point near the seed that no thin neck separates.
Detached cut_necks(const Mask& region, const Mask& lung, Index seed, double radius_mm,
                   double neck) {
  const Grid& grid = region.grid();
  const auto depth = volume::distance_to(aerated(region, lung));
  const auto from = grid.position(seed);
  Index deepest = seed;
  for_each_voxel(grid, [&](std::size_t i, Index at) {
    if (region[i] && distance_mm(grid, at, from) <= radius_mm &&
        depth[i] > depth[grid.offset(deepest)])
      deepest = at;
  });
  const double half_voxel = 0.5 * grid.spacing.x;
  const double deep = static_cast<double>(depth[grid.offset(deepest)]);
  const double cut = neck * deep;
  // Necks below the voxel size cannot be told from the ball itself.
  if (cut < 1.05 * grid.spacing.x) return {region.clone(), region.clone(), deep - half_voxel};
  Mask core(grid);
  for (std::size_t i = 0; i < region.size(); ++i)
    core[i] = region[i] && static_cast<double>(depth[i]) > cut;
  core = volume::flood_fill(core, {deepest});
  const auto away = volume::distance_to(core);
  // Steps of the grid leave crumbs on the surface that are no necks: what goes on beyond one more
  // voxel does.
  const auto within = [&](double reach) {
    Mask kept(grid);
    for (std::size_t i = 0; i < region.size(); ++i)
      kept[i] = region[i] && static_cast<double>(away[i]) <= reach;
    return volume::flood_fill(kept, {deepest});
  };
  return {within(cut + half_voxel), within(cut + 2 * half_voxel), deep - half_voxel};
}

// Median HU of the voxels that are not on the surface; NaN when they are too few to be free of
// partial volume.
double inner_median(const CtVolume& hu, const NoduleSegment& segment) {
  volume::HuHistogram inner;
  const Mask& mask = segment.mask;
  for_each_voxel(mask.grid(), [&](std::size_t i, Index at) {
    if (!mask[i]) return;
    int inside = 0;
    for_each_neighbour(mask.grid(), at,
                       [&](Index next) { inside += mask[mask.grid().offset(next)]; });
    if (inside == 6) inner.add(hu[i]);
  });
  return inner.total() < kInnerVoxels ? std::nan("") : inner.percentile(50);
}

void describe_surface(const Mask& mask, const CtVolume& hu, const Mask& lung,
                      NoduleSegment& segment) {
  const Grid& grid = mask.grid();
  for_each_voxel(grid, [&](std::size_t i, Index at) {
    if (!mask[i]) return;
    bool surface = false, exit = false, wall = false;
    for_each_neighbour(grid, at, [&](Index next) {
      const std::size_t n = grid.offset(next);
      if (mask[n]) return;
      surface = true;
      exit = exit || (lung[n] && hu[n] >= segment.threshold_hu);
      wall = wall || !lung[n];
    });
    segment.surface += surface;
    segment.exits += exit;
    segment.wall += wall;
  });
}

}  // namespace

std::optional<NoduleSegment> segment_nodule(const CtVolume& source, const Labels& lung_source,
                                            const Blob& blob, const SegmentOptions& options) {
  const double reach = 2 * blob.radius_mm + 3;
  const Patch patch = patch_around(source.grid(), blob.position, reach + 2);
  const Grid& grid = patch.grid;
  const Index high{patch.low.z + grid.shape.z, patch.low.y + grid.shape.y,
                   patch.low.x + grid.shape.x};
  const CtVolume hu = volume::crop(source, patch.low, high);
  const Mask lung = volume::crop(lung_source, patch.low, high);

  NoduleSegment segment;
  segment.low = patch.low;
  const Index seed = core_voxel(hu, lung, blob);
  segment.background_hu = median_air(hu, lung);
  segment.core_hu = core_mean(hu, lung, seed, blob.radius_mm);
  // The densest place may be a vessel that crosses ground glass: the second pass takes the middle
  // density of what the first one cut out.
  Detached detached;
  for (int pass = 0; pass < 2; ++pass) {
    const double dense = std::min(segment.core_hu, kSolidHu);
    if (dense - segment.background_hu < kLeastContrastHu) return std::nullopt;
    segment.threshold_hu = options.threshold_hu.value_or(0.5 * (dense + segment.background_hu));
    Mask region(grid);
    for_each_voxel(grid, [&](std::size_t i, Index at) {
      region[i] =
          lung[i] && hu[i] >= segment.threshold_hu && distance_mm(grid, at, blob.position) <= reach;
    });
    if (!region[grid.offset(seed)]) return std::nullopt;
    region = volume::flood_fill(region, {seed});
    volume::fill_holes(region);
    detached = cut_necks(region, lung, seed, blob.radius_mm, options.neck);
    segment.mask = std::move(detached.mask);
    segment.inscribed_mm = detached.inscribed_mm;
    const double core = inner_median(hu, segment);
    if (options.threshold_hu ||
        !(core < std::min(kGroundGlassHu, segment.core_hu - kCoreTolerance)))
      break;
    segment.core_hu = core;
  }
  describe_surface(detached.loose, hu, lung, segment);
  return segment;
}

}  // namespace thorax::measure
