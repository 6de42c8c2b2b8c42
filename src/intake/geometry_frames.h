// Position and orientation of single frames, wherever the header keeps them.
#pragma once

#include <optional>
#include <vector>

#include "intake/study.h"

namespace thorax::intake {

/// ImageOrientationPatient as unit vectors. `row` runs along a row (to higher column numbers),
/// `column` down a column; `normal` = row x column, the direction of slices in a right-handed
/// stack.
struct FrameAxes {
  volume::Vec3 row, column, normal;
};

/// ImagePositionPatient of frame `frame` (mm LPS); nullopt when the header has none. A NIfTI volume
/// or another frame set with a single position has it for frame 0 only.
std::optional<volume::Vec3> frame_position(const Instance& instance, int frame);

/// Axes of a frame. nullopt when absent, not of unit length (2 % allowed) or not perpendicular
/// (1 degree allowed): what PS3.3 C.7.6.2.1.1 demands.
std::optional<FrameAxes> frame_axes(const Instance& instance, int frame);

/// True when rows and columns of both point the same way within `degrees`.
bool same_axes(const FrameAxes& a, const FrameAxes& b, double degrees);

/// Angle in degrees between two unit vectors, whatever their sign.
double angle_between_lines(volume::Vec3 a, volume::Vec3 b);

/// "axial", "coronal" or "sagittal": the patient plane nearest to a slice with this normal.
const char* plane_of(volume::Vec3 normal);

}  // namespace thorax::intake
