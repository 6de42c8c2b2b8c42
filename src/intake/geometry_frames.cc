#include "intake/geometry_frames.h"

#include <numbers>

namespace thorax::intake {

using volume::Vec3;

std::optional<Vec3> frame_position(const Instance& instance, int frame) {
  const auto index = static_cast<std::size_t>(frame);
  const std::optional<std::array<double, 3>>* stored = nullptr;
  if (index < instance.per_frame.size() && instance.per_frame[index].position)
    stored = &instance.per_frame[index].position;
  else if (frame == 0)
    stored = &instance.position;
  if (!stored || !*stored) return std::nullopt;
  const Vec3 p{(**stored)[0], (**stored)[1], (**stored)[2]};
  if (!std::isfinite(p.x) || !std::isfinite(p.y) || !std::isfinite(p.z)) return std::nullopt;
  return p;
}

std::optional<FrameAxes> frame_axes(const Instance& instance, int frame) {
  const auto index = static_cast<std::size_t>(frame);
  const auto& stored = index < instance.per_frame.size() && instance.per_frame[index].orientation
                           ? instance.per_frame[index].orientation
                           : instance.orientation;
  if (!stored) return std::nullopt;
  const auto& v = *stored;
  const Vec3 row{v[0], v[1], v[2]};
  const Vec3 column{v[3], v[4], v[5]};
  const double row_length = norm(row), column_length = norm(column);
  // Negated comparisons also turn away NaN.
  if (!(std::abs(row_length - 1) < 0.02) || !(std::abs(column_length - 1) < 0.02))
    return std::nullopt;
  FrameAxes axes{row * (1 / row_length), column * (1 / column_length), {}};
  if (!(std::abs(dot(axes.row, axes.column)) < std::sin(std::numbers::pi / 180)))
    return std::nullopt;
  // Remove what rounding left of the row in the column, so that the axes are exactly perpendicular.
  axes.column = axes.column - axes.row * dot(axes.row, axes.column);
  axes.column = axes.column * (1 / norm(axes.column));
  axes.normal = cross(axes.row, axes.column);
  return axes;
}

bool same_axes(const FrameAxes& a, const FrameAxes& b, double degrees) {
  const double least = std::cos(degrees * std::numbers::pi / 180);
  return dot(a.row, b.row) > least && dot(a.column, b.column) > least;
}

double angle_between_lines(Vec3 a, Vec3 b) {
  const double cosine = std::min(1.0, std::abs(dot(a, b)));
  return std::acos(cosine) * 180 / std::numbers::pi;
}

const char* plane_of(Vec3 normal) {
  const double x = std::abs(normal.x), y = std::abs(normal.y), z = std::abs(normal.z);
  if (z >= x && z >= y) return "axial";
  return y >= x ? "coronal" : "sagittal";
}

}  // namespace thorax::intake
