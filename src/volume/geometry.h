// Millimetre geometry in the patient frame (LPS: x to the left, y to the back, z to the head).
#pragma once

#include <array>
#include <cmath>
#include <cstddef>

namespace thorax::volume {

struct Vec3 {
  double x = 0, y = 0, z = 0;

  friend Vec3 operator+(Vec3 a, Vec3 b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
  friend Vec3 operator-(Vec3 a, Vec3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
  friend Vec3 operator*(Vec3 a, double s) { return {a.x * s, a.y * s, a.z * s}; }
  bool operator==(const Vec3&) const = default;
};

inline double dot(Vec3 a, Vec3 b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
inline Vec3 cross(Vec3 a, Vec3 b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
inline double norm(Vec3 a) {
  return std::sqrt(dot(a, a));
}

/// Number of voxels along each axis, in array order.
struct Shape {
  int z = 0, y = 0, x = 0;

  std::size_t count() const {
    return static_cast<std::size_t>(z) * static_cast<std::size_t>(y) * static_cast<std::size_t>(x);
  }
  bool operator==(const Shape&) const = default;
};

/// Index of a voxel, in array order.
struct Index {
  int z = 0, y = 0, x = 0;
  bool operator==(const Index&) const = default;
};

/// An axis-parallel voxel grid: array axes (z, y, x) point to the head, the back and the left.
/// Everything behind intake works on such grids; intake brings other acquisitions to them.
struct Grid {
  Shape shape;
  Vec3 spacing{1, 1, 1};  ///< mm between voxel centres
  Vec3 origin;            ///< mm of the centre of voxel (0, 0, 0)

  double voxel_ml() const { return spacing.x * spacing.y * spacing.z / 1000.0; }
  Vec3 position(double z, double y, double x) const {
    return {origin.x + x * spacing.x, origin.y + y * spacing.y, origin.z + z * spacing.z};
  }
  Vec3 position(Index i) const { return position(i.z, i.y, i.x); }
  /// Continuous index (z, y, x) of a point in mm.
  std::array<double, 3> index(Vec3 p) const {
    return {(p.z - origin.z) / spacing.z, (p.y - origin.y) / spacing.y,
            (p.x - origin.x) / spacing.x};
  }
  std::size_t offset(int z, int y, int x) const {
    return (static_cast<std::size_t>(z) * static_cast<std::size_t>(shape.y) +
            static_cast<std::size_t>(y)) *
               static_cast<std::size_t>(shape.x) +
           static_cast<std::size_t>(x);
  }
  std::size_t offset(Index i) const { return offset(i.z, i.y, i.x); }
  Index at(std::size_t offset) const {
    const auto nx = static_cast<std::size_t>(shape.x);
    const auto ny = static_cast<std::size_t>(shape.y);
    return {static_cast<int>(offset / (nx * ny)), static_cast<int>(offset / nx % ny),
            static_cast<int>(offset % nx)};
  }
  bool contains(int z, int y, int x) const {
    return z >= 0 && y >= 0 && x >= 0 && z < shape.z && y < shape.y && x < shape.x;
  }
  bool operator==(const Grid&) const = default;
};

}  // namespace thorax::volume
