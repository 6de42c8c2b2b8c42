#include "intake/phantom_shapes.h"

namespace thorax::intake::phantom {
namespace {

double smooth_step(double t) {
  return t * t * (3 - 2 * t);
}

}  // namespace

double Ellipsoid::distance(Vec3 p) const {
  const Vec3 d = p - centre;
  const double x = dot(d, u) / radii.x, y = dot(d, v) / radii.y, z = dot(d, w) / radii.z;
  const double k0 = std::sqrt(x * x + y * y + z * z);
  const double gx = x / radii.x, gy = y / radii.y, gz = z / radii.z;
  const double k1 = std::sqrt(gx * gx + gy * gy + gz * gz);
  if (k1 < 1e-9) return -std::min({radii.x, radii.y, radii.z});
  return k0 * (k0 - 1) / k1;
}

double Ellipsoid::half_height() const {
  return norm(Vec3{radii.x * u.z, radii.y * v.z, radii.z * w.z});
}
double Ellipsoid::half_width() const {
  return norm(Vec3{radii.x * u.x, radii.y * v.x, radii.z * w.x});
}
double Ellipsoid::half_depth() const {
  return norm(Vec3{radii.x * u.y, radii.y * v.y, radii.z * w.y});
}

Ellipsoid Ellipsoid::grown(double mm) const {
  Ellipsoid other = *this;
  other.radii = {radii.x + mm, radii.y + mm, radii.z + mm};
  return other;
}

double Rod::distance(Vec3 p) const {
  const Vec3 axis = b - a;
  const double length2 = dot(axis, axis);
  const double t = length2 > 0 ? std::clamp(dot(p - a, axis) / length2, 0.0, 1.0) : 0.0;
  const Vec3 d = p - (a + axis * t);
  const double dz = d.z * z_scale;
  return std::sqrt(d.x * d.x + d.y * d.y + dz * dz) - (ra + (rb - ra) * t);
}

double Curve::operator()(double z) const {
  if (z <= nodes_.front()[0]) return nodes_.front()[1];
  if (z >= nodes_.back()[0]) return nodes_.back()[1];
  std::size_t i = 1;
  while (nodes_[i][0] < z) ++i;
  const auto slope = [&](std::size_t k) {
    if (k == 0 || k + 1 == nodes_.size()) return 0.0;
    return (nodes_[k + 1][1] - nodes_[k - 1][1]) / (nodes_[k + 1][0] - nodes_[k - 1][0]);
  };
  const double h = nodes_[i][0] - nodes_[i - 1][0];
  const double t = (z - nodes_[i - 1][0]) / h;
  const double t2 = t * t, t3 = t2 * t;
  return (2 * t3 - 3 * t2 + 1) * nodes_[i - 1][1] + (t3 - 2 * t2 + t) * h * slope(i - 1) +
         (3 * t2 - 2 * t3) * nodes_[i][1] + (t3 - t2) * h * slope(i);
}

double RoundedOval::distance(double x, double y) const {
  const double u = std::abs(x) / a, v = std::abs(y - y0) / b;
  const double su = u * std::sqrt(u), sv = v * std::sqrt(v);
  const double sum = su * u + sv * v;
  if (sum < 1e-9) return -std::min(a, b);
  const double radius = std::pow(sum, 0.4);
  // Gradient of sum^0.4: 0.4 sum^-0.6 * 2.5 (u^1.5 / a, v^1.5 / b).
  const double gradient = radius / sum * std::hypot(su / a, sv / b);
  return (radius - 1) / gradient;
}

Vec3 RoundedOval::at(double angle) const {
  const double c = std::cos(angle), s = std::sin(angle);
  return {a * std::copysign(std::pow(std::abs(c), 0.8), c),
          y0 + b * std::copysign(std::pow(std::abs(s), 0.8), s), 0};
}

float gauss_at(std::uint64_t seed, std::uint64_t index) {
  std::uint64_t bits = mix_bits(seed ^ (index * 2 + 1));
  std::uint64_t more = mix_bits(bits);
  std::uint32_t sum = 0;
  for (int i = 0; i < 4; ++i, bits >>= 16, more >>= 16)
    sum += static_cast<std::uint32_t>((bits & 0xFFFF) + (more & 0xFFFF));
  // Eight uniforms on [0, 65535]: mean 4 * 65535, deviation 65536 * sqrt(8 / 12).
  return (static_cast<float>(sum) - 262140.0f) * (1.0f / 53509.9f);
}

double value_noise(std::uint64_t seed, Vec3 p, double scale) {
  const double gx = p.x / scale, gy = p.y / scale, gz = p.z / scale;
  const double fx = std::floor(gx), fy = std::floor(gy), fz = std::floor(gz);
  const double tx = smooth_step(gx - fx), ty = smooth_step(gy - fy), tz = smooth_step(gz - fz);
  const auto ix = static_cast<std::int64_t>(fx), iy = static_cast<std::int64_t>(fy),
             iz = static_cast<std::int64_t>(fz);
  const auto corner = [&](int dx, int dy, int dz) {
    const std::uint64_t key = static_cast<std::uint64_t>(ix + dx) * 0x8DA6B343ull ^
                              static_cast<std::uint64_t>(iy + dy) * 0xD8163841ull ^
                              static_cast<std::uint64_t>(iz + dz) * 0xCB1AB31Full;
    return static_cast<double>(mix_bits(seed ^ key) >> 40) * (2.0 / 16777215.0) - 1.0;
  };
  const auto line = [&](int dy, int dz) {
    const double first = corner(0, dy, dz);
    return first + (corner(1, dy, dz) - first) * tx;
  };
  const double low = line(0, 0) + (line(1, 0) - line(0, 0)) * ty;
  const double high = line(0, 1) + (line(1, 1) - line(0, 1)) * ty;
  return low + (high - low) * tz;
}

}  // namespace thorax::intake::phantom
