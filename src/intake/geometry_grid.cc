#include "intake/geometry_grid.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/parallel.h"
#include "intake/geometry_frames.h"

namespace thorax::intake {
namespace {

using volume::Grid;
using volume::Vec3;

constexpr double kParallelDegrees = 0.05;
constexpr std::int16_t kNoValueHu = -1024;

double component(Vec3 v, int array_axis) {
  return array_axis == 0 ? v.z : array_axis == 1 ? v.y : v.x;
}

double& component_ref(Vec3& v, int array_axis) {
  return array_axis == 0 ? v.z : array_axis == 1 ? v.y : v.x;
}

Grid grid_of_frames(const volume::Shape& shape) {
  Grid grid;
  grid.shape = shape;
  return grid;
}

/// The same voxels on another grid of the same count.
template <class T>
volume::Volume<T> regrid(volume::Volume<T> source, const Grid& grid) {
  auto owner = std::make_shared<volume::Volume<T>>(std::move(source));
  T* data = owner->data();
  return volume::Volume<T>(grid, data, std::move(owner));
}

std::int16_t mix(std::int16_t low, std::int16_t high, double weight) {
  return static_cast<std::int16_t>(std::floor(low + (high - low) * weight + 0.5));
}

/// A mask voxel between two slices belongs to the nearer one.
std::uint8_t mix(std::uint8_t low, std::uint8_t high, double weight) {
  return weight < 0.5 ? low : high;
}

/// Rows of the inverse of the matrix whose columns are the stack's axes.
std::array<Vec3, 3> inverse_axes(const StackGrid& stack) {
  const auto& a = stack.axis;
  const double volume = dot(a[0], cross(a[1], a[2]));
  return {cross(a[1], a[2]) * (1 / volume), cross(a[2], a[0]) * (1 / volume),
          cross(a[0], a[1]) * (1 / volume)};
}

/// A continuous index turned into two neighbours and a weight; false outside the array.
struct Neighbours {
  int low = 0, high = 0;
  double weight = 0;
};

bool neighbours(double index, int count, Neighbours& out) {
  constexpr double kRounding = 1e-3;
  // A lone slice stands for its whole thickness.
  const double slack = count == 1 ? 0.5 : kRounding;
  if (!(index >= -slack && index <= count - 1 + slack)) return false;
  index = std::clamp(index, 0.0, static_cast<double>(count - 1));
  out.low = std::min(static_cast<int>(index), std::max(0, count - 2));
  out.high = std::min(out.low + 1, count - 1);
  out.weight = index - out.low;
  return true;
}

}  // namespace

StackGrid regular_stack(const SlicePlan& plan, std::vector<SliceSource>& sources) {
  const std::vector<double>& at = plan.positions;
  const double range = at.back() - at.front();
  const double usual = plan.report.spacing_mm;
  const int count = static_cast<int>(std::lround(range / usual)) + 1;
  const double step = count > 1 ? range / (count - 1) : usual;
  const double same = std::max(0.02, 0.02 * step);
  sources.clear();
  std::size_t below = 0;
  for (int k = 0; k < count; ++k) {
    const double p = at.front() + k * step;
    while (below + 1 < at.size() && at[below + 1] <= p + same) ++below;
    SliceSource source{static_cast<int>(below), 0};
    if (p - at[below] > same && below + 1 < at.size())
      source.weight = (p - at[below]) / (at[below + 1] - at[below]);
    sources.push_back(source);
  }
  return {{count, plan.rows, plan.columns},
          plan.first,
          {plan.step * step, plan.column * plan.column_spacing, plan.row * plan.row_spacing}};
}

template <class T>
volume::Volume<T> stack_slices(volume::Volume<T> frames, const std::vector<SliceSource>& sources) {
  volume::Shape shape = frames.shape();
  bool in_place = static_cast<int>(sources.size()) == shape.z;
  for (std::size_t k = 0; in_place && k < sources.size(); ++k)
    in_place = sources[k].weight == 0 && sources[k].below == static_cast<int>(k);
  if (in_place) return frames;
  shape.z = static_cast<int>(sources.size());
  volume::Volume<T> stack(grid_of_frames(shape));
  parallel_for(sources.size(), 4, [&](std::size_t begin, std::size_t end) {
    for (std::size_t k = begin; k < end; ++k) {
      const auto low = frames.slice(sources[k].below);
      const auto out = stack.slice(static_cast<int>(k));
      if (sources[k].weight == 0) {
        std::copy(low.begin(), low.end(), out.begin());
        continue;
      }
      const auto high = frames.slice(sources[k].below + 1);
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = mix(low[i], high[i], sources[k].weight);
    }
  });
  return stack;
}

template volume::CtVolume stack_slices(volume::CtVolume, const std::vector<SliceSource>&);
template volume::Mask stack_slices(volume::Mask, const std::vector<SliceSource>&);

std::array<int, 3> nearest_axes(const StackGrid& stack) {
  std::array<int, 3> best{0, 1, 2};
  double best_fit = -1;
  std::array<int, 3> order{0, 1, 2};
  do {
    double fit = 1;
    for (int axis = 0; axis < 3; ++axis) {
      const Vec3 v = stack.axis[static_cast<std::size_t>(order[static_cast<std::size_t>(axis)])];
      fit *= std::abs(component(v, axis)) / norm(v);
    }
    if (fit > best_fit) {
      best_fit = fit;
      best = order;
    }
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

std::optional<AxisMap> axis_map(const StackGrid& stack) {
  AxisMap map;
  map.stack_axis = nearest_axes(stack);
  Vec3 spacing, origin;
  const double least = std::cos(kParallelDegrees * std::numbers::pi / 180);
  std::array<int, 3> shape{};
  for (int axis = 0; axis < 3; ++axis) {
    const auto a = static_cast<std::size_t>(axis);
    const auto from = static_cast<std::size_t>(map.stack_axis[a]);
    const Vec3 v = stack.axis[from];
    const double length = norm(v), along = component(v, axis);
    if (std::abs(along) < least * length) return std::nullopt;
    map.backwards[a] = along < 0;
    shape[a] = stack.count[from];
    component_ref(spacing, axis) = length;
    component_ref(origin, axis) =
        component(stack.first, axis) - (along < 0 ? length * (stack.count[from] - 1) : 0.0);
  }
  map.grid.shape = {shape[0], shape[1], shape[2]};
  map.grid.spacing = spacing;
  map.grid.origin = origin;
  return map;
}

template <class T>
volume::Volume<T> permute(volume::Volume<T> stack, const AxisMap& map) {
  const volume::Shape from = stack.shape();
  const std::array<std::ptrdiff_t, 3> stride{static_cast<std::ptrdiff_t>(from.y) * from.x, from.x,
                                             1};
  const std::array<int, 3> count{from.z, from.y, from.x};
  std::array<std::ptrdiff_t, 3> step{};
  std::ptrdiff_t start = 0;
  bool in_place = true;
  for (std::size_t a = 0; a < 3; ++a) {
    const auto axis = static_cast<std::size_t>(map.stack_axis[a]);
    step[a] = map.backwards[a] ? -stride[axis] : stride[axis];
    if (map.backwards[a]) start += stride[axis] * (count[axis] - 1);
    in_place = in_place && axis == a && !map.backwards[a];
  }
  if (in_place) return regrid(std::move(stack), map.grid);
  volume::Volume<T> out(map.grid);
  const volume::Shape to = map.grid.shape;
  parallel_for(static_cast<std::size_t>(to.z), 4, [&](std::size_t begin, std::size_t end) {
    for (std::size_t z = begin; z < end; ++z)
      for (int y = 0; y < to.y; ++y) {
        const T* in = stack.data() + start + static_cast<std::ptrdiff_t>(z) * step[0] + y * step[1];
        T* row = out.data() + out.grid().offset(static_cast<int>(z), y, 0);
        for (int x = 0; x < to.x; ++x) row[x] = in[x * step[2]];
      }
  });
  return out;
}

template volume::CtVolume permute(volume::CtVolume, const AxisMap&);
template volume::Mask permute(volume::Mask, const AxisMap&);

Grid bounding_grid(const StackGrid& stack) {
  const std::array<int, 3> nearest = nearest_axes(stack);
  Grid grid;
  std::array<int, 3> shape{};
  for (int axis = 0; axis < 3; ++axis) {
    const auto a = static_cast<std::size_t>(axis);
    double low = component(stack.first, axis), high = low;
    for (std::size_t k = 0; k < 3; ++k) {
      const double reach = component(stack.axis[k], axis) * (stack.count[k] - 1);
      (reach < 0 ? low : high) += reach;
    }
    const double spacing =
        std::abs(component(stack.axis[static_cast<std::size_t>(nearest[a])], axis));
    component_ref(grid.origin, axis) = low;
    component_ref(grid.spacing, axis) = spacing;
    shape[a] = static_cast<int>(std::floor((high - low) / spacing + 1e-6)) + 1;
  }
  grid.shape = {shape[0], shape[1], shape[2]};
  return grid;
}

volume::CtVolume resample_stack(const volume::CtVolume& voxels, const volume::Mask& stack_outside,
                                const StackGrid& stack, const Grid& target, volume::Mask& outside) {
  volume::CtVolume out(target, kNoValueHu);
  outside = volume::Mask(target, 1);
  const std::array<Vec3, 3> inverse = inverse_axes(stack);
  const auto sample = [&](const std::array<double, 3>& at, std::size_t to) {
    Neighbours k, r, c;
    if (!neighbours(at[0], stack.count[0], k) || !neighbours(at[1], stack.count[1], r) ||
        !neighbours(at[2], stack.count[2], c))
      return;
    const auto row = [&](int slice, int line) {
      const double low = voxels(slice, line, c.low), high = voxels(slice, line, c.high);
      return low + (high - low) * c.weight;
    };
    const auto plane = [&](int slice) {
      const double low = row(slice, r.low), high = row(slice, r.high);
      return low + (high - low) * r.weight;
    };
    const double low = plane(k.low), high = plane(k.high);
    out[to] = static_cast<std::int16_t>(std::floor(low + (high - low) * k.weight + 0.5));
    outside[to] = stack_outside.empty() ? std::uint8_t{0}
                                        : stack_outside(k.weight < 0.5 ? k.low : k.high,
                                                        r.weight < 0.5 ? r.low : r.high,
                                                        c.weight < 0.5 ? c.low : c.high);
  };
  parallel_for(static_cast<std::size_t>(target.shape.z), 2,
               [&](std::size_t begin, std::size_t end) {
                 for (std::size_t z = begin; z < end; ++z)
                   for (int y = 0; y < target.shape.y; ++y)
                     for (int x = 0; x < target.shape.x; ++x) {
                       const int slice = static_cast<int>(z);
                       const Vec3 p = target.position(slice, y, x) - stack.first;
                       sample({dot(inverse[0], p), dot(inverse[1], p), dot(inverse[2], p)},
                              target.offset(slice, y, x));
                     }
               });
  return out;
}

}  // namespace thorax::intake
