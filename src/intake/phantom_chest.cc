#include "intake/phantom_chest.h"

#include <numbers>

namespace thorax::intake::phantom {
namespace {

constexpr double kFar = 60;  // beyond this distance shapes no longer matter to their neighbours

const Curve kBodyA{{-170, 156}, {-60, 161}, {0, 163},   {50, 168}, {90, 174},
                   {125, 180},  {155, 176}, {175, 140}, {205, 72}};
const Curve kBodyB{{-170, 110}, {-60, 113}, {0, 112},  {50, 107}, {90, 98},
                   {120, 86},   {150, 75},  {175, 66}, {205, 60}};
const Curve kBodyY{{-170, 0}, {0, 4}, {50, 9}, {90, 15}, {120, 19}, {150, 20}, {205, 12}};
const Curve kCageA{{-170, 126}, {-115, 129}, {-60, 130}, {0, 124}, {50, 111},
                   {90, 93},    {120, 76},   {140, 62},  {160, 50}};
const Curve kCageB{{-170, 86}, {-115, 90}, {-60, 92}, {0, 89},  {50, 81},
                   {90, 67},   {120, 51},  {140, 38}, {160, 26}};
const Curve kCageY{{-170, -6}, {-60, -2}, {0, 1}, {50, 6}, {90, 14}, {120, 20}, {160, 26}};
const Curve kSpineY{{-170, 38}, {-100, 48}, {-20, 60}, {50, 64}, {110, 56}, {160, 42}, {205, 30}};
const Curve kColumnX{{-120, 22}, {-40, 25}, {20, 28}, {60, 31}, {100, 30}, {155, 31}};
const Curve kPlateX{{-90, 20}, {-50, 12}, {-10, 5}, {60, 3}, {90, 8}, {115, 24}, {155, 34}};

double oval(double x, double y, double rx, double ry) {
  const double u = x / rx, v = y / ry;
  const double k = std::hypot(u, v);
  return (k - 1) * k / std::max(std::hypot(u / rx, v / ry), 1e-9);
}

}  // namespace

double Vertebra::dz(double z) {
  const double phase = (z - 158) / kPitch;
  return (phase - std::round(phase)) * kPitch;
}

Chest::Chest(const PhantomOptions& options) {
  add_heart(options);
  add_vessels();
  add_airways();
  add_soft_tissue();
  bones = make_skeleton();
  if (options.mediastinal_mass_ml > 0) {
    // An ellipsoid of axes 1.25 : 1 : 1.35, in front of the trachea and to its right.
    const double r =
        std::cbrt(options.mediastinal_mass_ml * 1000 * 3 / (4 * std::numbers::pi * 1.25 * 1.35));
    masses.push_back({{{-24, -22, 62}, {1.25 * r, r, 1.35 * r}}, 45});
  }
}

Level Chest::outline(double z) {
  Level level;
  level.z = z;
  level.body = {kBodyA(z), kBodyB(z), kBodyY(z)};
  level.cage = {kCageA(z), kCageB(z), kCageY(z)};
  level.spine_y = kSpineY(z);
  level.column_half_x = kColumnX(z);
  level.plate_half_x = kPlateX(z);
  return level;
}

Level Chest::level(double z) const {
  Level level = outline(z);
  for (const std::vector<Tube>* tubes : {&aorta, &great_vessels})
    for (const Tube& tube : *tubes)
      if (tube.rod.touches(z, 8)) level.vessels.push_back(&tube.rod);
  return level;
}

double Chest::groove(double x) {
  const double t = std::clamp((std::abs(x) - 12) / 46, 0.0, 1.0);
  return 0.80 + 0.20 * t * t * (3 - 2 * t);
}

double Chest::cage(const Level& level, double x, double y) {
  RoundedOval inner = level.cage;
  if (y > inner.y0) inner.b *= groove(x);
  return inner.distance(x, y);
}

double Chest::diaphragm(double x, double y) {
  const auto dome = [&](double x0, double y0, double top, double half_x) {
    const double ux = (x - x0) / half_x;
    const double uy = (y - y0) / (y > y0 ? 92.0 : 82.0);
    const double rho2 = std::min(ux * ux + uy * uy, 1.8);
    const double weight = ux * ux * 56 + uy * uy * (y > y0 ? 66 : 34);
    const double drop = weight / std::max(ux * ux + uy * uy, 1e-9);
    return top - drop * rho2 * (0.45 + 0.55 * rho2);
  };
  const double right = dome(-60, -6, -46, x > -60 ? 110 : 72);
  const double left = dome(64, -2, -60, x < 64 ? 110 : 68);
  return smooth_max(right, left, 12);
}

double Chest::mediastinum(const Level& level, double x, double y) const {
  const double z = level.z;
  const Vec3 p{x, y, z};
  double d = oval(x, y - 20, level.column_half_x, 46);
  d = smooth_min(d, oval(x, y - level.spine_y, 20, 18), 6);
  if (y < 20) {
    // The anterior junction, a little left of the midline, widening into the column.
    const double plate = std::abs(x - 3) - level.plate_half_x;
    d = smooth_min(d, plate, 10);
  }
  const auto join = [&](const Ellipsoid& shape, double extra, double k) {
    if (std::abs(z - shape.centre.z) < shape.half_height() + kFar / 4)
      d = smooth_min(d, shape.distance(p) - extra, k);
  };
  join(sac, 0.8, 8);
  for (const Ellipsoid& pad : fat_pads) join(pad, 0, 8);
  for (const Ellipsoid& hilum : hila) join(hilum, 0, 6);
  for (const Organ& mass : masses) join(mass.shape, 1, 4);
  for (const Rod* rod : level.vessels) d = smooth_min(d, rod->distance(p) - 2.0, 4);
  return d;
}

double Chest::lung(const Level& level, double x, double y, double cage_distance) const {
  if (cage_distance > 4) return cage_distance;
  const double ax = std::abs(x) - 40, ay = y - 22;
  const double top = 156 - 0.012 * (ax * ax + ay * ay) - (x > 0 ? 0 : 3);
  double d = smooth_max(cage_distance, (level.z - top) * 0.8, 6);
  d = smooth_max(d, (diaphragm(x, y) - level.z) * 0.7, 3);
  if (d > 4) return d;
  return smooth_max(d, -mediastinum(level, x, y), 5);
}

double Chest::fissure(Vec3 p) {
  // Oblique: from high at the back to low in front; horizontal: right, at the level of the hilum.
  const double bow =
      0.0009 * (p.y - 5) * (p.y - 5) + 0.0012 * (std::abs(p.x) - 70) * (std::abs(p.x) - 70);
  const double oblique = (p.z - (8 + 0.95 * p.y) + bow * 3) * 0.7;
  if (p.x > 0) return std::abs(oblique);
  const double horizontal = p.z - (22 + 0.10 * (p.x + 70)) + bow * 1.5;
  return oblique > 0 ? std::min(std::abs(oblique), std::abs(horizontal)) : std::abs(oblique);
}

}  // namespace thorax::intake::phantom
