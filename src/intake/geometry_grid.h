// Stacks of slices as affine grids, and their voxels on axis-parallel ones.
#pragma once

#include <optional>
#include <vector>

#include "intake/geometry.h"

namespace thorax::intake {

/// A regular stack: voxel (slice k, row r, column c) stands at first + k * axis[0] + r * axis[1] +
/// c * axis[2], mm LPS.
struct StackGrid {
  std::array<int, 3> count{};  ///< slices, rows, columns
  volume::Vec3 first;
  std::array<volume::Vec3, 3> axis;
};

/// Where a slice of the regular stack comes from: frame `below`, and for the share `weight` the
/// frame above it. weight is 0 for a slice that is copied.
struct SliceSource {
  int below = 0;
  double weight = 0;
};

/// The regular stack that covers the plan, at its usual spacing stretched to meet both ends, and
/// the source of each slice. A frame within 2 % of a slice (or 0.02 mm) of its place is copied.
StackGrid regular_stack(const SlicePlan& plan, std::vector<SliceSource>& sources);

/// Frames to slices; moves `frames` through when every slice is a copy of its own frame.
template <class T>
volume::Volume<T> stack_slices(volume::Volume<T> frames, const std::vector<SliceSource>& sources);

/// How the stack's axes run along the patient's, where they are parallel to them (0.05 degrees).
struct AxisMap {
  /// For the patient axes in array order (z, y, x): which stack axis, and whether it runs
  /// backwards.
  std::array<int, 3> stack_axis{};
  std::array<bool, 3> backwards{};
  volume::Grid grid;
};

/// For each patient axis in array order (z, y, x) the stack axis nearest to it, a permutation.
std::array<int, 3> nearest_axes(const StackGrid& stack);
std::optional<AxisMap> axis_map(const StackGrid& stack);

/// Reorders voxels without interpolation; moves `stack` through when nothing has to move.
template <class T>
volume::Volume<T> permute(volume::Volume<T> stack, const AxisMap& map);

/// The axis-parallel grid over the bounding box of an inclined stack. Its spacing along a patient
/// axis is that of the nearest stack axis, foreshortened, so that an untouched axis stays exact.
volume::Grid bounding_grid(const StackGrid& stack);

/// Trilinear values of `voxels` at the centres of `target`. Writes 1 to `outside` where the stack
/// does not reach (-1024 HU) or, when `stack_outside` is not empty, where its nearest voxel is
/// outside.
volume::CtVolume resample_stack(const volume::CtVolume& voxels, const volume::Mask& stack_outside,
                                const StackGrid& stack, const volume::Grid& target,
                                volume::Mask& outside);

}  // namespace thorax::intake
