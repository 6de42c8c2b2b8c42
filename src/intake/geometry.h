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
  std::vector<double> positions;               ///< of each frame along `normal`, mm, ascending
  volume::Vec3 step;  ///< mm in the patient per mm along `normal`: `normal`, unless sheared
  GeometryReport report;
  std::vector<Notice> notices;
};

/// Orders frames along row x column by ImagePositionPatient and ImageOrientationPatient (PS3.3
/// C.7.6.2.1.1), never by InstanceNumber; finds duplicates (the lowest acquisition number, then
/// InstanceNumber, then file stays), missing slices, irregular spacing, gantry tilt, obliquity;
/// takes out the few frames that lie elsewhere. A frame set with one position for all frames needs
/// SpacingBetweenSlices. Throws Error with a GEOMETRY_… code when the geometry is unsafe.
SlicePlan plan_geometry(const Series& series);

/// Brings decoded frames to an axis-parallel LPS grid: flips and permutes without interpolation
/// where the acquisition allows it, and resamples trilinearly where a gantry was tilted or the
/// acquisition oblique. Missing slices and irregular gaps are filled by interpolation between the
/// neighbours along the slice axis; the notices of the plan say so. `decoded` is (frame, row,
/// column) in plan order, HU. `outside`: 1 where the scanner gave no value; may be empty. Voxels of
/// the result that no slice covers are -1024 HU and 1 in `outside`.
LoadedVolume assemble(const SlicePlan& plan, const Series& series, volume::CtVolume decoded,
                      volume::Mask outside);

}  // namespace thorax::intake
