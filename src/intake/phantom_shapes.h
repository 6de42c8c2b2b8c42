// Signed distances (mm, negative inside) and repeatable noise: what the phantom is drawn with.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "volume/geometry.h"

namespace thorax::intake::phantom {

using volume::Vec3;

/// First-order distance of an ellipsoid, exact at its surface (Quilez, "Ellipsoid SDF").
struct Ellipsoid {
  Vec3 centre;
  Vec3 radii{1, 1, 1};
  Vec3 u{1, 0, 0}, v{0, 1, 0}, w{0, 0, 1};  ///< orthonormal axes of the radii

  double distance(Vec3 p) const;
  double half_height() const;  ///< extent along z, to skip slices it does not touch
  double half_width() const;   ///< extent along x
  double half_depth() const;   ///< extent along y
  Ellipsoid grown(double mm) const;
};

/// A rod from a to b with round ends and radii that change evenly. `z_scale` below 1 makes its
/// section taller along z, as a rib's.
struct Rod {
  Vec3 a, b;
  double ra = 1, rb = 1;
  double z_scale = 1;

  double distance(Vec3 p) const;
  double reach_z() const { return std::max(ra, rb) / z_scale; }
  bool touches(double z, double margin) const {
    return z > std::min(a.z, b.z) - reach_z() - margin &&
           z < std::max(a.z, b.z) + reach_z() + margin;
  }
};

/// A smooth curve through (z, value) nodes in ascending z; constant beyond the ends.
class Curve {
 public:
  Curve(std::initializer_list<std::array<double, 2>> nodes) : nodes_(nodes) {}
  double operator()(double z) const;

 private:
  std::vector<std::array<double, 2>> nodes_;
};

/// |x/a|^2.5 + |(y - y0)/b|^2.5 = 1: between an ellipse and a box, as a chest is.
struct RoundedOval {
  double a = 1, b = 1, y0 = 0;

  double distance(double x, double y) const;
  Vec3 at(double angle) const;  ///< point of the outline; 0 is +x, pi/2 is +y
  RoundedOval grown(double mm) const { return {a + mm, b + mm, y0}; }
};

/// Polynomial smooth maximum: rounds the edge between two shapes over about k mm.
inline double smooth_max(double a, double b, double k) {
  const double h = std::max(k - std::abs(a - b), 0.0) / k;
  return std::max(a, b) + h * h * k * 0.25;
}
inline double smooth_min(double a, double b, double k) {
  return -smooth_max(-a, -b, k);
}

/// splitmix64 (Steele, Lea, Flood, 2014): the finalizer turns any counter into random bits.
inline std::uint64_t mix_bits(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ull;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
  return x ^ (x >> 31);
}

/// A short repeatable random sequence; the standard library's distributions differ by vendor.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(mix_bits(seed)) {}
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  std::uint64_t next() { return mix_bits(state_++); }

 private:
  std::uint64_t state_;
};

/// Normal deviate of (seed, index), mean 0, deviation 1, by the sum of eight 16-bit uniforms.
float gauss_at(std::uint64_t seed, std::uint64_t index);

/// Smooth noise in about [-1, 1] with features of `scale` mm.
double value_noise(std::uint64_t seed, Vec3 p, double scale);

}  // namespace thorax::intake::phantom
