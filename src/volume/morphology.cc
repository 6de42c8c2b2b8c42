#include "volume/morphology.h"

#include <algorithm>

#include "base/parallel.h"
#include "volume/box.h"
#include "volume/components.h"
#include "volume/distance.h"
#include "volume/resample.h"

namespace thorax::volume {
namespace {

Mask complement(const Mask& mask) {
  Mask out(mask.grid());
  for (std::size_t i = 0; i < mask.size(); ++i) out[i] = mask[i] ? 0 : 1;
  return out;
}

/// Distances are sums of squares of spacings; a hair of slack keeps a radius that is a multiple of
/// the spacing from depending on rounding.
double with_slack(double radius_mm) {
  return radius_mm * (1 + 1e-5) + 1e-5;
}

float limit_of(double radius_mm) {
  return static_cast<float>(with_slack(radius_mm) * with_slack(radius_mm));
}

bool on_border(const Component& c, const Shape& s) {
  return c.low.z == 0 || c.low.y == 0 || c.low.x == 0 || c.high.z == s.z - 1 ||
         c.high.y == s.y - 1 || c.high.x == s.x - 1;
}

}  // namespace

Mask dilate(const Mask& mask, double radius_mm) {
  const Box box = box_around(mask, with_slack(radius_mm));
  const Volume<float> distance = squared_distance_to(crop(mask, box.low, box.high));
  const float limit = limit_of(radius_mm);
  Mask part(distance.grid()), out(mask.grid());
  for (std::size_t i = 0; i < part.size(); ++i) part[i] = distance[i] <= limit;
  paste(part, box.low, out);
  return out;
}

/// The background nearest to a voxel of the mask lies within one voxel of the box around it.
Mask erode(const Mask& mask, double radius_mm) {
  const Vec3& mm = mask.grid().spacing;
  const Box box = box_around(mask, std::max({mm.x, mm.y, mm.z}));
  const Volume<float> distance = squared_distance_to(complement(crop(mask, box.low, box.high)));
  const float limit = limit_of(radius_mm);
  Mask part(distance.grid()), out(mask.grid());
  for (std::size_t i = 0; i < part.size(); ++i) part[i] = distance[i] > limit;
  paste(part, box.low, out);
  return out;
}

Mask open(const Mask& mask, double radius_mm) {
  return dilate(erode(mask, radius_mm), radius_mm);
}
Mask close(const Mask& mask, double radius_mm) {
  return erode(dilate(mask, radius_mm), radius_mm);
}

void fill_holes_axial(Mask& mask) {
  const Shape shape = mask.shape();
  parallel_for(static_cast<std::size_t>(shape.z), 1, [&](std::size_t z0, std::size_t z1) {
    for (std::size_t zi = z0; zi < z1; ++zi) {
      const int z = static_cast<int>(zi);
      Grid one = mask.grid();
      one.shape.z = 1;
      Mask background(one);
      for (std::size_t i = 0; i < background.size(); ++i) background[i] = mask.slice(z)[i] ? 0 : 1;
      std::vector<Index> border;
      for (int x = 0; x < shape.x; ++x) {
        border.push_back({0, 0, x});
        border.push_back({0, shape.y - 1, x});
      }
      for (int y = 0; y < shape.y; ++y) {
        border.push_back({0, y, 0});
        border.push_back({0, y, shape.x - 1});
      }
      const Mask outside = flood_fill(background, border);
      for (std::size_t i = 0; i < outside.size(); ++i) mask.slice(z)[i] = outside[i] ? 0 : 1;
    }
  });
}

void fill_holes(Mask& mask) {
  const Components background = connected_components(complement(mask));
  std::vector<char> inside(background.components.size() + 1, 0);
  for (const Component& c : background.components)
    inside[static_cast<std::size_t>(c.label)] = !on_border(c, mask.shape());
  for (std::size_t i = 0; i < mask.size(); ++i)
    if (inside[static_cast<std::size_t>(background.labels[i])]) mask[i] = 1;
}

std::size_t count(const Mask& mask) {
  std::size_t n = 0;
  for (const std::uint8_t v : mask.voxels()) n += v != 0;
  return n;
}

}  // namespace thorax::volume
