// What a viewer shows besides the result: the volume in a form that a browser opens at once, and a
// description of it (view.json).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "report/nifti.h"
#include "report/overlay.h"
#include "report/result.h"

namespace thorax::report {

/// What a value of a label volume stands for.
struct LabelMeaning {
  std::uint8_t value = 0;
  LegendItem legend;                  ///< its colour may be empty
  std::vector<std::string> findings;  ///< ids of the findings whose evidence it is
  std::string window;                 ///< where it is seen best: "lung" | "mediastinum"
};

/// The meaning of a mark's value.
LabelMeaning meaning_of(std::uint8_t value, Mark mark);

/// A label volume that was written as `file`.
struct LabelFile {
  std::string file;
  std::vector<LabelMeaning> labels;
};

/// view.json of a CT. Indices run as everywhere: z to the head, y to the back, x to the left.
///   {"kind": "ct", "volume": {"file", "bytes", "shape_zyx", "spacing_mm_zyx", "origin_mm_xyz",
///    "first": F, "ends": [E0, E1 …]}, "masks": [{"file", "labels": [{"value", "name", "tag",
///    "colour", "findings", "window"}]}]}
/// Slice z of the volume is the raw deflate stream between ends[z - 1] (`first` for z = 0) and
/// ends[z], with an empty last block put behind it (SlicedNifti).
std::string view_json(const volume::Grid& grid, const std::string& file, const SlicedNifti& volume,
                      const std::vector<LabelFile>& masks);

/// view.json of a radiograph: {"kind": "xray", "picture", "overlay": name or null, "width",
/// "height"}.
std::string view_json(const Picture& radiograph, const std::string& picture_file,
                      const std::string& overlay_file);

}  // namespace thorax::report
