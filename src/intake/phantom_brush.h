// Laying a shape over a plane with partial volume at its edge.
#pragma once

#include "intake/phantom_paint.h"

namespace thorax::intake::phantom {

/// Share of a pixel `step` wide that a shape at signed distance d covers.
inline double coverage(double d, double step) {
  return std::clamp(0.5 - d / step, 0.0, 1.0);
}
inline float mixed(float under, double over, double share) {
  const auto below = static_cast<double>(under);
  return static_cast<float>(below + (over - below) * share);
}

/// Pixels that a box in millimetres may touch.
struct Box {
  double x0, x1, y0, y1;
};
inline Box box_of(const Ellipsoid& e, double margin = 1) {
  const double w = e.half_width() + margin, h = e.half_depth() + margin;
  return {e.centre.x - w, e.centre.x + w, e.centre.y - h, e.centre.y + h};
}
inline Box box_of(const Rod& rod, double margin = 1) {
  const double r = std::max(rod.ra, rod.rb) + margin;
  return {std::min(rod.a.x, rod.b.x) - r, std::max(rod.a.x, rod.b.x) + r,
          std::min(rod.a.y, rod.b.y) - r, std::max(rod.a.y, rod.b.y) + r};
}
inline Box box_of(Vec3 c, double r) {
  return {c.x - r, c.x + r, c.y - r, c.y + r};
}

/// Calls body(pixel offset, x, y) for the pixels of the box.
template <class Body>
void each_pixel(const Plane& plane, const Box& box, const Body& body) {
  const double middle = (plane.size - 1) / 2.0;
  const auto low = [&](double mm) {
    return std::max(0, static_cast<int>(std::floor(mm / plane.step + middle)));
  };
  const auto high = [&](double mm) {
    return std::min(plane.size - 1, static_cast<int>(std::ceil(mm / plane.step + middle)));
  };
  const int x0 = low(box.x0), x1 = high(box.x1), y1 = high(box.y1);
  for (int y = low(box.y0); y <= y1; ++y)
    for (int x = x0; x <= x1; ++x) body(plane.at(y, x), plane.coordinate(x), plane.coordinate(y));
}

/// Blends `hu` in by coverage; `mark(pixel)` is called where the shape covers the pixel's centre.
template <class Distance, class Mark>
void lay(Plane& plane, const Box& box, double hu, const Distance& distance, const Mark& mark) {
  const double half = plane.step / 2;
  each_pixel(plane, box, [&](std::size_t i, double x, double y) {
    const double d = distance(i, x, y);
    if (d >= half) return;
    plane.hu[i] = mixed(plane.hu[i], hu, coverage(d, plane.step));
    if (d < 0) mark(i);
  });
}
template <class Distance>
void lay(Plane& plane, const Box& box, double hu, const Distance& distance) {
  lay(plane, box, hu, distance, [](std::size_t) {});
}

}  // namespace thorax::intake::phantom
