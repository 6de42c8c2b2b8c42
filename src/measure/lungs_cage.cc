#include "measure/lungs_cage.h"

#include <cmath>
#include <limits>
#include <numbers>

#include "volume/morphology.h"

namespace thorax::measure {
namespace {

constexpr double kNone = std::numeric_limits<double>::infinity();

/// A map over slices and angles; angles wrap around.
using Map = std::vector<double>;

template <class Pick>
Map filtered(const Map& map, int slices, int reach_z, int reach_angle, const Pick& pick) {
  const int n = Cage::kAngles;
  const auto at = [&](int z, int a) {
    return static_cast<std::size_t>(z) * static_cast<std::size_t>(n) +
           static_cast<std::size_t>((a + n) % n);
  };
  Map rows(map.size()), out(map.size());
  for (int z = 0; z < slices; ++z)
    for (int a = 0; a < n; ++a) {
      double v = map[at(z, a)];
      for (int d = -reach_angle; d <= reach_angle; ++d) v = pick(v, map[at(z, a + d)]);
      rows[at(z, a)] = v;
    }
  for (int z = 0; z < slices; ++z)
    for (int a = 0; a < n; ++a) {
      double v = rows[at(z, a)];
      for (int k = std::max(0, z - reach_z); k <= std::min(slices - 1, z + reach_z); ++k)
        v = pick(v, rows[at(k, a)]);
      out[at(z, a)] = v;
    }
  return out;
}

constexpr auto kLower = [](double a, double b) { return std::min(a, b); };
constexpr auto kHigher = [](double a, double b) { return std::max(a, b); };

/// Bone that is thin in every direction: ribs and sternum, without vertebrae, and without the heart
/// and the vessels when contrast medium makes them as dense.
volume::Mask thin_bone(const volume::CtVolume& hu, const volume::Mask& body) {
  constexpr int kBoneHu = 150;
  constexpr double kThickMm = 8;
  volume::Mask bone(hu.grid());
  for (std::size_t i = 0; i < bone.size(); ++i) bone[i] = body[i] && hu[i] > kBoneHu;
  const volume::Mask thick = volume::dilate(volume::erode(bone, kThickMm), kThickMm + 2);
  for (std::size_t i = 0; i < bone.size(); ++i) bone[i] = bone[i] && !thick[i];
  return bone;
}

}  // namespace

Cage::Polar Cage::polar(int y, int x) const {
  const double dy = (y - axis_y_) * grid_.spacing.y, dx = (x - axis_x_) * grid_.spacing.x;
  const double turn = std::atan2(dy, dx) / (2 * std::numbers::pi);
  const int angle = static_cast<int>(std::floor((turn < 0 ? turn + 1 : turn) * kAngles));
  return {std::min(angle, kAngles - 1), std::sqrt(dy * dy + dx * dx)};
}

Cage::Cage(const volume::CtVolume& hu, const volume::Mask& body, const volume::Labels& air)
    : grid_(hu.grid()) {
  const volume::Shape& s = grid_.shape;
  double body_x = 0, body_n = 0;
  int low_y = s.y, high_y = -1, top_z = -1;
  for (int z = 0; z < s.z; ++z) {
    bool lung = false;
    for (int y = 0; y < s.y; ++y)
      for (int x = 0; x < s.x; ++x)
        if (air(z, y, x)) {
          lung = true;
          low_y = std::min(low_y, y);
          high_y = std::max(high_y, y);
        }
    if (lung) top_z = z;
    for (int y = 0; lung && y < s.y; ++y)
      for (int x = 0; x < s.x; ++x)
        if (body(z, y, x)) {
          body_x += x;
          ++body_n;
        }
  }
  axis_x_ = body_n > 0 ? body_x / body_n : s.x / 2.0;
  axis_y_ = high_y >= low_y ? (low_y + high_y) / 2.0 : s.y / 2.0;

  const volume::Mask bone = thin_bone(hu, body);
  const std::size_t size = static_cast<std::size_t>(s.z) * kAngles;
  Map lung(size, 0), rib(size, kNone);
  const auto index = [&](int z, int angle) {
    return static_cast<std::size_t>(z) * kAngles + static_cast<std::size_t>(angle);
  };
  for (int z = 0; z < s.z; ++z)
    for (int y = 0; y < s.y; ++y)
      for (int x = 0; x < s.x; ++x)
        if (air(z, y, x)) {
          const Polar p = polar(y, x);
          lung[index(z, p.angle)] = std::max(lung[index(z, p.angle)], p.radius);
        }
  // A ray between two voxels may miss a thin recess; a rib beyond the lung is what counts.
  const int reach_z = static_cast<int>(std::lround(12 / grid_.spacing.z));
  const Map outer = filtered(lung, s.z, 0, 1, kHigher);
  for (int z = 0; z < s.z; ++z)
    for (int y = 0; y < s.y; ++y)
      for (int x = 0; x < s.x; ++x)
        if (bone(z, y, x)) {
          const Polar p = polar(y, x);
          constexpr double kSlackMm = 5, kLeastMm = 35;
          if (p.radius > kLeastMm && p.radius > outer[index(z, p.angle)] - kSlackMm)
            rib[index(z, p.angle)] = std::min(rib[index(z, p.angle)], p.radius);
        }
  // Ribs run aslant: one of them crosses every ray within a few slices. Where it does not, the
  // shoulder blade behind it must not count; so the nearest rib is the one that is inmost, with
  // some allowance for a wall that leans.
  constexpr double kLean = 0.6;
  Map wall(size, kNone);
  for (int z = 0; z < s.z; ++z)
    for (int a = 0; a < kAngles; ++a)
      for (int k = std::max(0, z - reach_z); k <= std::min(s.z - 1, z + reach_z); ++k)
        wall[index(z, a)] = std::min(wall[index(z, a)],
                                     rib[index(k, a)] + kLean * std::abs(k - z) * grid_.spacing.z);
  wall = filtered(wall, s.z, 0, 2, kLower);
  wall = filtered(filtered(wall, s.z, 0, 5, kHigher), s.z, 0, 5, kLower);
  const auto close_map = [&](const Map& map, int reach, int angles) {
    return filtered(filtered(map, s.z, reach, angles, kHigher), s.z, reach, angles, kLower);
  };
  const Map closed = close_map(lung, reach_z, 4);
  const Map wide = close_map(lung, static_cast<int>(std::lround(20 / grid_.spacing.z)), 10);
  // Where the lung stays off the ribs: behind, where fluid settles, the wall is the ribs; in front,
  // where cartilage and collar bones make ribs a poor guide, it is where the lung beside says, with
  // some bulge.
  constexpr double kBulgeMm = 5, kInsideRibMm = 2;
  radius_.resize(size);
  outer_.resize(size);
  for (std::size_t i = 0; i < size; ++i) {
    if (static_cast<int>(i / kAngles) > top_z) break;  // above the apices
    const bool behind = i % kAngles < kAngles / 2;
    const double ribs = wall[i] == kNone ? 0 : wall[i] - kInsideRibMm;
    const double reach = behind ? ribs : std::min(ribs, wide[i] + kBulgeMm);
    radius_[i] = std::max({lung[i], closed[i], reach});
    outer_[i] = std::max(radius_[i], ribs);
  }
}

double Cage::depth(int z, int y, int x) const {
  const Polar p = polar(y, x);
  return at(radius_, z, p.angle) - p.radius;
}

bool Cage::may_hold(int z, int y, int x) const {
  const Polar p = polar(y, x);
  return at(outer_, z, p.angle) > p.radius;
}

}  // namespace thorax::measure
