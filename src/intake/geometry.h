// From a series' headers to the order and place of its slices, and from decoded slices to a volume.
#pragma once

#include <vector>

#include "intake/study.h"

namespace thorax::intake {

/// One decodable frame: Series::instances[instance], frame number from 0.
struct FrameRef {
  std::size_t instance = 0;
  int frame = 0;
};

/// Which frames make the volume, in order along `normal`, and what their geometry is.
struct SlicePlan {
  std::vector<FrameRef> frames;
  int rows = 0, columns = 0;
  volume::Vec3 row, column,
      normal;          ///< unit vectors: along a row, down a column, to the next slice
  volume::Vec3 first;  ///< centre of the first pixel of the first slice, mm LPS
  double row_spacing = 0, column_spacing = 0;  ///< mm between columns (along row), between rows
  std::vector<double> positions;  ///< of each frame along the slice axis, mm, ascending
  GeometryReport report;
  std::vector<Notice> notices;
};

/// Orders slices by ImagePositionPatient and ImageOrientationPatient, never by InstanceNumber;
/// finds duplicates, missing slices, irregular spacing, gantry tilt, obliquity. Throws Error with a
/// coded reason when the geometry is unsafe (no position, mixed orientations, inconsistent gaps …).
SlicePlan plan_geometry(const Series& series);

/// Brings decoded frames to an axis-parallel LPS grid: flips and permutes without interpolation
/// where the acquisition allows it, shears a tilted gantry, resamples an oblique one, fills missing
/// slices by interpolation (and says so). `decoded` is (frame, row, column) in plan order, HU.
/// `outside`: 1 where the scanner gave no value; may be empty.
LoadedVolume assemble(const SlicePlan& plan, const Series& series, volume::CtVolume decoded,
                      volume::Mask outside);

}  // namespace thorax::intake
