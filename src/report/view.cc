#include "report/view.h"

#include <algorithm>
#include <cmath>

namespace thorax::report {
namespace {

/// Of a plane: which array axis (0 z, 1 y, 2 x) is cut, which runs along columns, which along rows.
struct Axes {
  std::size_t cut, column, row;
};

Axes axes(Plane plane) {
  switch (plane) {
    case Plane::axial:
      return {0, 2, 1};
    case Plane::coronal:
      return {1, 2, 0};
    case Plane::sagittal:
      break;
  }
  return {2, 1, 0};
}

std::array<int, 3> zyx(const volume::Index& i) {
  return {i.z, i.y, i.x};
}

int nearest(double index, int count) {
  return std::clamp(static_cast<int>(std::lround(index)), 0, count - 1);
}

}  // namespace

std::array<double, 3> View::voxel(double column, double row) const {
  const Axes a = axes(plane);
  std::array<double, 3> out{};
  out[a.cut] = slice;
  out[a.column] = column_start + column * column_step;
  out[a.row] = row_start + row * row_step;
  return out;
}

std::array<double, 2> View::pixel(const std::array<double, 3>& at) const {
  const Axes a = axes(plane);
  return {(at[a.column] - column_start) / column_step, (at[a.row] - row_start) / row_step};
}

View make_view(const volume::Grid& grid, Plane plane, int slice, const Box& box, int longest) {
  const Axes a = axes(plane);
  const std::array<double, 3> spacing{grid.spacing.z, grid.spacing.y, grid.spacing.x};
  const std::array<int, 3> low = zyx(box.low), high = zyx(box.high);
  const double across = (high[a.column] - low[a.column] + 1) * spacing[a.column];
  const double down = (high[a.row] - low[a.row] + 1) * spacing[a.row];
  View view;
  view.plane = plane;
  view.slice = slice;
  view.pixel_mm =
      std::max({std::min(spacing[a.column], spacing[a.row]), across / longest, down / longest});
  view.width = std::max(1, static_cast<int>(across / view.pixel_mm + 0.5));
  view.height = std::max(1, static_cast<int>(down / view.pixel_mm + 0.5));
  view.column_step = view.pixel_mm / spacing[a.column];
  view.column_start = low[a.column] - 0.5 + 0.5 * view.column_step;
  const bool head_up = plane != Plane::axial;
  view.row_step = (head_up ? -1 : 1) * view.pixel_mm / spacing[a.row];
  view.row_start = (head_up ? high[a.row] + 0.5 : low[a.row] - 0.5) + 0.5 * view.row_step;
  return view;
}

Grey sample(const volume::CtVolume& hu, const View& view, const volume::Window& window) {
  const Axes a = axes(view.plane);
  const volume::Shape& shape = hu.shape();
  const std::array<int, 3> counts{shape.z, shape.y, shape.x};
  const std::array<std::size_t, 3> strides{
      static_cast<std::size_t>(shape.y) * static_cast<std::size_t>(shape.x),
      static_cast<std::size_t>(shape.x), 1};
  const auto offset = [&](std::size_t axis, int index) {
    return static_cast<std::size_t>(std::clamp(index, 0, counts[axis] - 1)) * strides[axis];
  };
  Grey out(view.width, view.height);
  const std::size_t base = offset(a.cut, view.slice);
  for (int row = 0; row < view.height; ++row) {
    const double v = view.row_start + row * view.row_step;
    const int v0 = static_cast<int>(std::floor(v));
    const double fv = v - v0;
    const std::size_t top = base + offset(a.row, v0), bottom = base + offset(a.row, v0 + 1);
    for (int column = 0; column < view.width; ++column) {
      const double u = view.column_start + column * view.column_step;
      const int u0 = static_cast<int>(std::floor(u));
      const double fu = u - u0;
      const std::size_t left = offset(a.column, u0), right = offset(a.column, u0 + 1);
      const double upper = hu[top + left] * (1 - fu) + hu[top + right] * fu;
      const double lower = hu[bottom + left] * (1 - fu) + hu[bottom + right] * fu;
      out.at(column, row) = volume::apply_window(upper * (1 - fv) + lower * fv, window);
    }
  }
  return out;
}

std::vector<std::uint8_t> sample(const volume::Labels& labels, const View& view) {
  const volume::Shape& shape = labels.shape();
  std::vector<std::uint8_t> out;
  out.reserve(static_cast<std::size_t>(view.width) * static_cast<std::size_t>(view.height));
  for (int row = 0; row < view.height; ++row)
    for (int column = 0; column < view.width; ++column) {
      const std::array<double, 3> at = view.voxel(column, row);
      out.push_back(
          labels(nearest(at[0], shape.z), nearest(at[1], shape.y), nearest(at[2], shape.x)));
    }
  return out;
}

std::array<char, 4> side_letters(Plane plane) {
  switch (plane) {
    case Plane::axial:
      return {'R', 'L', 'A', 'P'};
    case Plane::coronal:
      return {'R', 'L', 'H', 'F'};
    case Plane::sagittal:
      break;
  }
  return {'A', 'P', 'H', 'F'};
}

void draw_frame(Grey& image, const View& view) {
  const std::array<char, 4> letters = side_letters(view.plane);
  const auto letter = [&](std::size_t i) { return std::string(1, letters[i]); };
  constexpr int kMargin = 6, kLetter = 14;
  draw_text(image, kMargin, (image.height - kLetter) / 2, letter(0));
  draw_text(image, image.width - kMargin - 10, (image.height - kLetter) / 2, letter(1));
  draw_text(image, image.width / 2 - 5, kMargin, letter(2));
  draw_text(image, image.width / 2 - 5, image.height - kMargin - kLetter, letter(3));
  const int length = static_cast<int>(std::lround(50 / view.pixel_mm));
  const int y = image.height - kMargin - 2;
  if (length + 2 * kMargin > image.width / 2) return;
  for (int dy = -2; dy <= 2; ++dy)
    for (int dx = -1; dx <= length + 1; ++dx) {
      const bool rim = std::abs(dy) == 2 || dx < 0 || dx > length;
      if (image.contains(kMargin + dx, y + dy)) image.at(kMargin + dx, y + dy) = rim ? 0 : 235;
    }
  draw_text(image, kMargin, y - 4 - 7, "50 MM", 1);
}

}  // namespace thorax::report
