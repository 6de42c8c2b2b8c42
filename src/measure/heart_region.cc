#include "measure/heart_region.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "volume/components.h"
#include "volume/filter.h"
#include "volume/morphology.h"
#include "volume/resample.h"
#include "volume/statistics.h"

namespace thorax::measure {
namespace {

using volume::CtVolume;
using volume::Grid;
using volume::Labels;
using volume::Mask;

constexpr double kVoxel = 2;              // mm
constexpr std::int16_t kSoftHu = -20;     // fat is below
constexpr double kOpening = 8;            // mm
constexpr double kBelowCarina = 25;       // mm, where the left atrium begins
constexpr double kWidthBelowCarina = 40;  // mm, past the pulmonary arteries
constexpr double kEpicardialFat = 6;      // mm of fat that belong to the heart
constexpr double kLeastHeartMl = 100;
constexpr double kTracheaWidth = 32;  // mm; wider airways have divided
constexpr double kDomeArea = 600;     // mm^2 of a bulge into the right lung

bool is_lung(std::uint8_t label) {
  return label == kLeftLung || label == kRightLung;
}

struct Point {
  int x = 0, y = 0;
};

// Convex hull (Andrew's monotone chain); points sorted by x, then y.
std::vector<Point> convex_hull(const std::vector<Point>& points) {
  const auto turn = [](Point o, Point a, Point b) {
    return (a.x - o.x) * (b.y - o.y) - (a.y - o.y) * (b.x - o.x);
  };
  std::vector<Point> hull;
  for (int pass = 0; pass < 2; ++pass) {
    const std::size_t start = hull.size();
    const auto add = [&](Point p) {
      while (hull.size() >= start + 2 && turn(hull[hull.size() - 2], hull.back(), p) <= 0)
        hull.pop_back();
      hull.push_back(p);
    };
    if (pass == 0)
      std::for_each(points.begin(), points.end(), add);
    else
      std::for_each(points.rbegin(), points.rend(), add);
    hull.pop_back();
  }
  return hull;
}

// Marks the convex hull of both lungs on one slice; false without lung on both sides.
bool mark_hull(const Labels& anatomy, int z, Mask& hull_mask) {
  const auto& shape = anatomy.shape();
  std::vector<Point> points;
  bool left = false, right = false;
  for (int x = 0; x < shape.x; ++x) {
    int first = -1, last = -1;
    for (int y = 0; y < shape.y; ++y) {
      const std::uint8_t label = anatomy(z, y, x);
      if (!is_lung(label)) continue;
      if (first < 0) first = y;
      last = y;
      left = left || label == kLeftLung;
      right = right || label == kRightLung;
    }
    if (first < 0) continue;
    points.push_back({x, first});
    if (last != first) points.push_back({x, last});
  }
  if (!left || !right || points.size() < 3) return false;
  const auto hull = convex_hull(points);
  for (int y = 0; y < shape.y; ++y) {
    double from = 1e9, to = -1e9;
    for (std::size_t i = 0; i < hull.size(); ++i) {
      const Point a = hull[i], b = hull[(i + 1) % hull.size()];
      if (std::min(a.y, b.y) > y || std::max(a.y, b.y) < y) continue;
      for (const double x :
           a.y == b.y ? std::vector<double>{static_cast<double>(a.x), static_cast<double>(b.x)}
                      : std::vector<double>{a.x + static_cast<double>(b.x - a.x) * (y - a.y) /
                                                      (b.y - a.y)}) {
        from = std::min(from, x);
        to = std::max(to, x);
      }
    }
    for (int x = static_cast<int>(std::ceil(from)); x <= static_cast<int>(std::floor(to)); ++x)
      hull_mask(z, y, x) = 1;
  }
  return true;
}

struct Box {
  volume::Index low, high;  // past the end
};

std::optional<Box> lung_box(const Labels& anatomy) {
  const auto& shape = anatomy.shape();
  Box box{{shape.z, shape.y, shape.x}, {0, 0, 0}};
  for (int z = 0; z < shape.z; ++z)
    for (int y = 0; y < shape.y; ++y) {
      const std::uint8_t* row = &anatomy(z, y, 0);
      for (int x = 0; x < shape.x; ++x)
        if (is_lung(row[x])) {
          box.low = {std::min(box.low.z, z), std::min(box.low.y, y), std::min(box.low.x, x)};
          box.high = {z + 1, std::max(box.high.y, y + 1), std::max(box.high.x, x + 1)};
        }
    }
  if (box.high.z == 0) return std::nullopt;
  return box;
}

struct Extents {
  int low_z = 1 << 30, high_z = -1;
  double widest = 0;
};

Extents lung_extents(const Labels& anatomy) {
  const auto& shape = anatomy.shape();
  Extents e;
  for (int z = 0; z < shape.z; ++z) {
    int first = shape.x, last = -1;
    for (int y = 0; y < shape.y; ++y)
      for (int x = 0; x < shape.x; ++x)
        if (is_lung(anatomy(z, y, x))) {
          first = std::min(first, x);
          last = std::max(last, x);
        }
    if (last < 0) continue;
    e.low_z = std::min(e.low_z, z);
    e.high_z = z;
    e.widest = std::max(e.widest, (last - first + 1) * anatomy.grid().spacing.x);
  }
  return e;
}

// The highest slice on which the airways are wider than a trachea; two thirds up the lungs when the
// airways are missing.
int find_carina(const Labels& anatomy, const Extents& lungs) {
  const auto& shape = anatomy.shape();
  for (int z = lungs.high_z; z > (lungs.low_z + lungs.high_z) / 2; --z) {
    int first = shape.x, last = -1;
    for (int y = 0; y < shape.y; ++y)
      for (int x = 0; x < shape.x; ++x)
        if (anatomy(z, y, x) == kAirways) {
          first = std::min(first, x);
          last = std::max(last, x);
        }
    if ((last - first + 1) * anatomy.grid().spacing.x > kTracheaWidth) return z;
  }
  return lungs.low_z + 2 * (lungs.high_z - lungs.low_z) / 3;
}

// The highest slice with a large dense island in the right half of the hull that lung surrounds.
int find_dome(const Mask& dense, const Mask& mediastinum, const Labels& anatomy, int from_z,
              int low_z) {
  const Grid& grid = dense.grid();
  const double pixel = grid.spacing.x * grid.spacing.y;
  for (int z = from_z; z >= low_z; --z) {
    double area = 0;
    for (int y = 0; y < grid.shape.y; ++y) {
      int first = grid.shape.x, last = -1;
      for (int x = 0; x < grid.shape.x; ++x)
        if (anatomy(z, y, x) == kRightLung) {
          first = std::min(first, x);
          last = x;
        }
      for (int x = first + 1; x < last; ++x)
        if (dense(z, y, x) && !mediastinum(z, y, x)) area += pixel;
    }
    if (area > kDomeArea) return z;
  }
  return low_z + (from_z - low_z) / 4;
}

Mask slice_of(const Mask& mask, int z) {
  Grid grid = mask.grid();
  grid.shape.z = 1;
  Mask slice(grid);
  std::copy_n(mask.slice(z).begin(), slice.size(), slice.data());
  return slice;
}

// Connected to the seed's footprint within the slice, and the seed's footprint grown by at most
// `grow_mm` (shrunk when negative).
Mask follow(const Mask& candidates, const Mask& above, double grow_mm) {
  const Mask reach = grow_mm >= 0 ? volume::dilate(above, grow_mm) : volume::erode(above, -grow_mm);
  Mask allowed(candidates.grid());
  for (std::size_t i = 0; i < allowed.size(); ++i) allowed[i] = candidates[i] && reach[i];
  return volume::largest_components(allowed, 1);
}

double width_mm(const Mask& mask, int z) {
  const auto& shape = mask.shape();
  int first = shape.x, last = -1;
  for (int y = 0; y < shape.y; ++y)
    for (int x = 0; x < shape.x; ++x)
      if (mask(z, y, x)) {
        first = std::min(first, x);
        last = std::max(last, x);
      }
  return last < 0 ? 0 : (last - first + 1) * mask.grid().spacing.x;
}

}  // namespace

HeartRegion find_heart(const CtVolume& hu, const Labels& anatomy) {
  const auto box = lung_box(anatomy);
  if (!box) return {};
  const CtVolume window = volume::crop(hu, box->low, box->high);
  const Grid coarse = volume::isotropic_grid(window.grid(), kVoxel);
  HeartRegion region;
  region.anatomy = volume::resample_nearest(anatomy, coarse);
  const Extents lungs = lung_extents(region.anatomy);
  if (lungs.high_z - lungs.low_z < 10) return {};
  region.hu = volume::shrink_mean(window, coarse);
  region.thorax_width_mm = lungs.widest;
  region.carina_z = find_carina(region.anatomy, lungs);
  const auto slices = [&](double mm) { return static_cast<int>(mm / coarse.spacing.z); };
  const int top = region.carina_z - slices(kBelowCarina);
  if (top <= lungs.low_z) return {};

  const CtVolume smooth = volume::median_axial(region.hu);  // noise would riddle the heart
  Mask hull(coarse), dense(coarse);
  for (int z = lungs.low_z; z <= top; ++z) {
    mark_hull(region.anatomy, z, hull);
    int spine_front = coarse.shape.y;
    for (int y = coarse.shape.y - 1; y >= 0; --y)
      for (int x = 0; x < coarse.shape.x; ++x)
        if (region.anatomy(z, y, x) == kSpine) spine_front = y;
    for (int y = 0; y < spine_front; ++y)
      for (int x = 0; x < coarse.shape.x; ++x)
        dense(z, y, x) =
            hull(z, y, x) && region.anatomy(z, y, x) == kNoAnatomy && smooth(z, y, x) > kSoftHu;
  }
  dense = volume::open(dense, kOpening);

  // The seed is the largest dense piece of the topmost slice.
  const Mask seed = volume::largest_components(slice_of(dense, top), 1);
  Mask heart(coarse);
  std::copy_n(seed.data(), seed.size(), heart.slice(top).begin());
  const double step = coarse.spacing.z;
  region.dome_z = lungs.low_z;
  Mask above = seed.clone();
  // Down to the dome the heart may widen by 2 mm a mm; the first pass goes all the way and serves
  // to tell the liver from it.
  for (int z = top - 1; z >= lungs.low_z; --z) {
    above = follow(slice_of(dense, z), above, 2 * step);
    std::copy_n(above.data(), above.size(), heart.slice(z).begin());
  }
  region.dome_z = find_dome(dense, heart, region.anatomy, top, lungs.low_z);
  above = slice_of(heart, region.dome_z);
  for (int z = region.dome_z - 1; z >= lungs.low_z; --z) {
    above = follow(slice_of(dense, z), above, -1 * step);
    std::copy_n(above.data(), above.size(), heart.slice(z).begin());
  }

  volume::HuHistogram inside(-200, 1000);
  for (std::size_t i = 0; i < heart.size(); ++i)
    if (heart[i]) inside.add(region.hu[i]);
  if (static_cast<double>(inside.total()) * coarse.voxel_ml() < kLeastHeartMl) return {};
  region.blood_hu = inside.percentile(50);
  const Mask grown = volume::dilate(heart, kEpicardialFat);
  for (std::size_t i = 0; i < heart.size(); ++i)
    heart[i] = grown[i] && hull[i] && region.anatomy[i] == kNoAnatomy;
  for (int z = region.dome_z; z <= region.carina_z - slices(kWidthBelowCarina); ++z)
    region.heart_width_mm = std::max(region.heart_width_mm, width_mm(heart, z));
  region.heart = std::move(heart);
  return region;
}

}  // namespace thorax::measure
