#include "measure/pleura_wall_air.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

#include "base/parallel.h"
#include "measure/ct.h"
#include "measure/lungs_grow.h"
#include "measure/pleura_border.h"
#include "volume/components.h"
#include "volume/distance.h"
#include "volume/morphology.h"
#include "volume/rounding.h"
#include "volume/statistics.h"

namespace thorax::measure {
namespace {

constexpr int kAngles = 360;
constexpr int kWrap = 24;          ///< angles repeated on both ends of a map
constexpr double kArcMm = 1.9;     ///< of one angle at the usual radius of a chest, 110 mm
constexpr double kLayerMm = 2.5;   ///< least thickness that is sure
constexpr double kMarginMm = 0.5;  ///< least thickness next to a sure layer
constexpr double kMarginReachMm = 16;
constexpr double kPatchMm = 9;  ///< half the least width of a patch
constexpr double kGapMm = 2.5;  ///< vessels and noise in a patch
constexpr double kFlat = 1.8;   ///< least ratio of half width to thickness; bullae have up to 1.7
constexpr double kWideMm = 28;  ///< half width that no bulla has
constexpr double kLeastMl = 3;
constexpr int kPureAirHu = -963;   ///< the middle of a layer of free air is below
constexpr int kMostFreeHu = -930;  ///< half-way from air to healthy lung

/// What one ray meets: lung begins (or its air does) `outer` mm from the axis and the air without
/// tissue ends at `inner`; equal where there is none.
struct Ray {
  double outer = 0, inner = 0;
  double hu = 0;  ///< mean of the middle half of the air, away from what mixes with it
  std::uint8_t side = 0;
  double thickness() const { return outer - inner; }
};

class WallAir {
 public:
  WallAir(const volume::CtVolume& hu, const volume::Labels& anatomy, const CoarseChest& chest)
      : hu_(hu), anatomy_(anatomy), grid_(hu.grid()) {
    const volume::Vec3 axis = chest.hu.grid().position(0, chest.cage.axis_y(), chest.cage.axis_x());
    axis_ = grid_.index(axis);
    volume::HuHistogram lung(-1100, -500);
    for (std::size_t i = 0; i < chest.air.size(); ++i)
      if (chest.air[i]) lung.add(chest.hu[i]);
    const double median = lung.total() > 0 ? lung.percentile(50) : -860;
    free_hu_ = std::min(kMostFreeHu, static_cast<int>(std::lround((median - 1000) / 2)));
    rays_.resize(static_cast<std::size_t>(grid_.shape.z) * kAngles);
    parallel_for(static_cast<std::size_t>(grid_.shape.z), 1, [&](std::size_t from, std::size_t to) {
      for (std::size_t z = from; z < to; ++z)
        for (int a = 0; a < kAngles; ++a)
          rays_[z * kAngles + static_cast<std::size_t>(a)] = cast(static_cast<int>(z), a);
    });
  }

  volume::Labels find() const {
    volume::Mask patches = thick(kLayerMm);
    patches = volume::open(volume::close(patches, kGapMm), kPatchMm);
    const volume::Mask sure = thick(kMarginMm);
    for (std::size_t i = 0; i < patches.size(); ++i) patches[i] = patches[i] && sure[i];
    patches = flat_layers(patches);
    volume::Mask margins = volume::dilate(patches, kMarginReachMm);
    for (std::size_t i = 0; i < margins.size(); ++i)
      margins[i] = patches[i] || (margins[i] && sure[i]);
    return paint(margins);
  }

 private:
  bool in_field(int z, int y, int x) const {
    return anatomy_(z, y, x) == kLeftLung || anatomy_(z, y, x) == kRightLung;
  }
  double to_mm(double y, double x) const {
    return std::hypot((y - axis_[1]) * grid_.spacing.y, (x - axis_[2]) * grid_.spacing.x);
  }
  int angle_of(double y, double x) const {
    const double turn =
        std::atan2((y - axis_[1]) * grid_.spacing.y, (x - axis_[2]) * grid_.spacing.x) /
        (2 * std::numbers::pi);
    return std::clamp(static_cast<int>((turn < 0 ? turn + 1 : turn) * kAngles), 0, kAngles - 1);
  }

  Ray cast(int z, int angle) const {
    const double turn = (angle + 0.5) / kAngles * 2 * std::numbers::pi;
    const double step = 0.5 * std::min(grid_.spacing.x, grid_.spacing.y);
    const double dy = std::sin(turn) / grid_.spacing.y, dx = std::cos(turn) / grid_.spacing.x;
    const double reach =
        std::hypot(grid_.shape.y * grid_.spacing.y, grid_.shape.x * grid_.spacing.x);
    Ray ray;
    std::vector<int> air;
    // Partial volume and smoothing hide the wall's side of the layer.
    const double hidden = 6 * step;
    for (double r = reach; r > 0; r -= step) {
      const int y = volume::nearest(axis_[1] + r * dy);
      const int x = volume::nearest(axis_[2] + r * dx);
      if (y < 0 || x < 0 || y >= grid_.shape.y || x >= grid_.shape.x) continue;
      if (ray.outer == 0) {
        if (!in_field(z, y, x)) continue;
        ray.outer = ray.inner = r;
        ray.side = anatomy_(z, y, x);
      }
      const bool free =
          in_field(z, y, x) && mean_around(hu_, z, y, x, -2000, kWallHu, 0) < free_hu_;
      if (!free && air.empty() && ray.outer - r <= hidden) continue;
      if (!free) break;
      ray.inner = r;
      air.push_back(hu_(z, y, x));
    }
    if (air.empty()) return ray;
    const auto margin = static_cast<std::ptrdiff_t>(air.size() / 4);
    const auto first = air.begin() + margin, last = air.end() - margin;
    ray.hu = std::accumulate(first, last, 0.0) / static_cast<double>(last - first);
    return ray;
  }

  const Ray& ray(std::size_t i) const {
    const std::size_t row = i / (kAngles + 2 * kWrap), column = i % (kAngles + 2 * kWrap);
    return rays_[row * kAngles + (column + kAngles - kWrap) % kAngles];
  }

  /// A map of the wall, slices by angles, both in mm: where the layer has this thickness.
  volume::Mask thick(double mm) const {
    volume::Grid map;
    map.shape = {1, grid_.shape.z, kAngles + 2 * kWrap};
    map.spacing = {kArcMm, grid_.spacing.z, 1};
    volume::Mask out(map);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = ray(i).thickness() >= mm;
    return out;
  }

  /// The patches that are layers of gas in front, wider than thick.
  volume::Mask flat_layers(const volume::Mask& patches) const {
    volume::Mask outside(patches.grid());
    for (std::size_t i = 0; i < outside.size(); ++i) outside[i] = !patches[i];
    const auto from_edge = volume::distance_to(outside);
    const volume::Components parts = volume::connected_components(patches);
    struct Sums {
      double ml = 0, cells = 0, hu = 0, front = 0, half_width = 0, thickness = 0;
    };
    std::vector<Sums> sums(parts.components.size());
    for (std::size_t i = 0; i < patches.size(); ++i) {
      if (!patches[i]) continue;
      Sums& s = sums[static_cast<std::size_t>(parts.labels[i]) - 1];
      const Ray& r = ray(i);
      const double arc = 2 * std::numbers::pi / kAngles * (r.outer + r.inner) / 2;
      s.ml += r.thickness() * arc * grid_.spacing.z / 1000;
      ++s.cells;
      s.hu += r.hu;
      s.thickness += r.thickness();
      const auto column = i % (kAngles + 2 * kWrap);
      s.front += (column + kAngles - kWrap) % kAngles >= kAngles / 2;
      s.half_width = std::max(s.half_width, static_cast<double>(from_edge[i]));
    }
    volume::Mask out(patches.grid());
    for (std::size_t i = 0; i < patches.size(); ++i) {
      if (!patches[i]) continue;
      const Sums& s = sums[static_cast<std::size_t>(parts.labels[i]) - 1];
      out[i] = s.ml >= kLeastMl && s.hu / s.cells < kPureAirHu && s.front > 0.5 * s.cells &&
               s.half_width > std::min(kFlat * s.thickness / s.cells, kWideMm);
    }
    return out;
  }

  /// The voxels between the wall and the end of the air on the rays of `map`.
  volume::Labels paint(const volume::Mask& map) const {
    volume::Labels out(grid_);
    std::vector<double> inner(rays_.size(), 1e9);
    for (int z = 0; z < grid_.shape.z; ++z)
      for (int a = 0; a < kAngles; ++a) {
        const std::size_t i = static_cast<std::size_t>(z) * kAngles + static_cast<std::size_t>(a);
        if (map(0, z, a + kWrap)) inner[i] = rays_[i].inner;
      }
    const double slack = 0.25 * (grid_.spacing.x + grid_.spacing.y);
    parallel_for(static_cast<std::size_t>(grid_.shape.z), 1, [&](std::size_t from, std::size_t to) {
      for (int z = static_cast<int>(from); z < static_cast<int>(to); ++z)
        for (int y = 0; y < grid_.shape.y; ++y)
          for (int x = 0; x < grid_.shape.x; ++x) {
            if (!in_field(z, y, x) || hu_(z, y, x) > free_hu_) continue;
            const std::size_t i =
                static_cast<std::size_t>(z) * kAngles + static_cast<std::size_t>(angle_of(y, x));
            if (to_mm(y, x) + slack >= inner[i]) out(z, y, x) = rays_[i].side;
          }
    });
    grow_to_margins(2 * slack, out);
    return out;
  }

  /// The means of the rays stop short of what is mixed with pleura, and rays miss corners.
  void grow_to_margins(double pixel_mm, volume::Labels& labels) const {
    constexpr double kMostMm = 6;
    constexpr int kMixedHu = 50;
    const int steps = static_cast<int>(std::ceil(kMostMm / pixel_mm));
    volume::Mask near(grid_), open(grid_);
    for (std::size_t i = 0; i < open.size(); ++i)
      near[i] = (anatomy_[i] == kLeftLung || anatomy_[i] == kRightLung) &&
                hu_[i] < free_hu_ + kMixedHu / 2;
    volume::Labels reached = labels.clone();
    grow_labels(reached, near, steps);
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (!reached[i] || labels[i]) continue;
      const volume::Index at = grid_.at(i);
      open[i] = mean_around(hu_, at.z, at.y, at.x, -2000, kWallHu, 0) < free_hu_ + kMixedHu;
    }
    grow_labels(labels, open, steps);
  }

  static constexpr int kWallHu = -600;  ///< what is denser is wall, pleura or vessel

  const volume::CtVolume& hu_;
  const volume::Labels& anatomy_;
  const volume::Grid& grid_;
  std::array<double, 3> axis_{};
  int free_hu_ = kMostFreeHu;
  std::vector<Ray> rays_;
};

}  // namespace

volume::Labels find_wall_air(const volume::CtVolume& hu, const volume::Labels& anatomy,
                             const CoarseChest& chest) {
  return WallAir(hu, anatomy, chest).find();
}

}  // namespace thorax::measure
