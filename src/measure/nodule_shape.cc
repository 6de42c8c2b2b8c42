#include "measure/nodule_shape.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace thorax::measure {
namespace {

using volume::Grid;
using volume::Index;
using volume::Mask;

struct Point {
  double x = 0, y = 0;
};

struct Axes {
  double longest = 0, perpendicular = 0;
};

// Corners of the pixels that end each row: the outline of the slice, in mm.
std::vector<Point> outline(const Mask& mask, int z) {
  const Grid& grid = mask.grid();
  std::vector<Point> points;
  for (int y = 0; y < grid.shape.y; ++y) {
    int first = -1, last = -1;
    for (int x = 0; x < grid.shape.x; ++x)
      if (mask(z, y, x)) {
        if (first < 0) first = x;
        last = x;
      }
    if (first < 0) continue;
    points.push_back({first * grid.spacing.x, y * grid.spacing.y});
    if (last != first) points.push_back({last * grid.spacing.x, y * grid.spacing.y});
  }
  return points;
}

// Distances between pixel centres miss up to half a pixel at each end, a little less on average.
constexpr double kPixelEnds = 0.7;

Axes axes_of(const std::vector<Point>& points, double pixel_mm) {
  if (points.empty()) return {};
  Axes axes;
  Point direction{1, 0};
  double longest = 0;
  for (std::size_t i = 0; i < points.size(); ++i)
    for (std::size_t j = i + 1; j < points.size(); ++j) {
      const double dx = points[j].x - points[i].x, dy = points[j].y - points[i].y;
      const double length = std::hypot(dx, dy);
      if (length > longest) {
        longest = length;
        direction = {dx / length, dy / length};
      }
    }
  double low = 1e9, high = -1e9;
  for (const Point& p : points) {
    const double across = -p.x * direction.y + p.y * direction.x;
    low = std::min(low, across);
    high = std::max(high, across);
  }
  axes.longest = longest + kPixelEnds * pixel_mm;
  axes.perpendicular = std::min(axes.longest, high - low + kPixelEnds * pixel_mm);
  return axes;
}

}  // namespace

NoduleShape measure_shape(const Mask& mask) {
  const Grid& grid = mask.grid();
  NoduleShape shape;
  std::size_t n = 0;
  std::array<double, 3> sum{};
  std::array<double, 6> moments{};  // xx, yy, zz, xy, xz, yz
  Index low{grid.shape.z, grid.shape.y, grid.shape.x}, high{-1, -1, -1};
  for (int z = 0; z < grid.shape.z; ++z)
    for (int y = 0; y < grid.shape.y; ++y)
      for (int x = 0; x < grid.shape.x; ++x) {
        if (!mask(z, y, x)) continue;
        ++n;
        const double px = x * grid.spacing.x, py = y * grid.spacing.y, pz = z * grid.spacing.z;
        sum[0] += px;
        sum[1] += py;
        sum[2] += pz;
        moments[0] += px * px;
        moments[1] += py * py;
        moments[2] += pz * pz;
        moments[3] += px * py;
        moments[4] += px * pz;
        moments[5] += py * pz;
        low = {std::min(low.z, z), std::min(low.y, y), std::min(low.x, x)};
        high = {std::max(high.z, z), std::max(high.y, y), std::max(high.x, x)};
      }
  if (n == 0) throw Error("internal"_code, {{"detail", "shape of an empty mask"}});

  const auto count = static_cast<double>(n);
  const volume::Vec3 mean{sum[0] / count, sum[1] / count, sum[2] / count};
  shape.centroid = grid.origin + mean;
  shape.volume_mm3 = count * grid.voxel_ml() * 1000;
  shape.extent = {(high.x - low.x + 1) * grid.spacing.x, (high.y - low.y + 1) * grid.spacing.y,
                  (high.z - low.z + 1) * grid.spacing.z};

  // Largest variance by power iteration; each voxel adds the variance of its own box.
  const std::array<double, 6> c{
      moments[0] / count - mean.x * mean.x + grid.spacing.x * grid.spacing.x / 12,
      moments[1] / count - mean.y * mean.y + grid.spacing.y * grid.spacing.y / 12,
      moments[2] / count - mean.z * mean.z + grid.spacing.z * grid.spacing.z / 12,
      moments[3] / count - mean.x * mean.y,
      moments[4] / count - mean.x * mean.z,
      moments[5] / count - mean.y * mean.z};
  volume::Vec3 v{0.5, 0.6, 0.7};
  double variance = 0;
  for (int i = 0; i < 60; ++i) {
    const volume::Vec3 w{c[0] * v.x + c[3] * v.y + c[4] * v.z, c[3] * v.x + c[1] * v.y + c[5] * v.z,
                         c[4] * v.x + c[5] * v.y + c[2] * v.z};
    variance = norm(w);
    v = w * (1 / variance);
  }
  // A ball of radius r has variance r^2 / 5 along any axis.
  const double radius = std::sqrt(5 * variance);
  shape.roundness = std::min(1.0, shape.volume_mm3 / (4.0 / 3 * M_PI * radius * radius * radius));

  for (int z = low.z; z <= high.z; ++z) {
    const Axes axes = axes_of(outline(mask, z), 0.5 * (grid.spacing.x + grid.spacing.y));
    if (axes.longest > shape.long_mm && axes.perpendicular > 0) {
      shape.long_mm = axes.longest;
      shape.short_mm = axes.perpendicular;
    }
  }

  double nearest = 1e300;
  for (int z = low.z; z <= high.z; ++z)
    for (int y = low.y; y <= high.y; ++y)
      for (int x = low.x; x <= high.x; ++x)
        if (mask(z, y, x)) {
          const double d = norm(grid.position(z, y, x) - shape.centroid);
          if (d < nearest) {
            nearest = d;
            shape.inside = {z, y, x};
          }
        }
  return shape;
}

}  // namespace thorax::measure
