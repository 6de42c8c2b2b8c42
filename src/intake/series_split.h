// Splitting one SeriesInstanceUID into stacks that can be read.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "intake/series_class.h"
#include "intake/series_model.h"

namespace thorax::intake {

using FileKey = std::function<std::string(const FileHeader&)>;

/// Groups of files with the same key, in order of first appearance.
std::vector<std::vector<FileHeader>> group_by(std::vector<FileHeader> files, const FileKey& key);

struct SeriesPart {
  std::vector<FileHeader> files;  ///< in the order they came
  ImageClass image_class = ImageClass::original;
};

struct SplitSeries {
  std::vector<SeriesPart> parts;  ///< in order of first appearance; at least one
  std::string split_by;           ///< what differed, comma-separated; empty when not split
};

/// Splits by class of picture, axes (1 degree), frame of reference, matrix and pixel spacing (1 %),
/// always. By acquisition number, temporal position, Image Type, kernel, slice thickness or
/// multi-frame instance, and at last by order of InstanceNumber where every position is repeated
/// equally often, only where that turns overlapping stacks into regular ones: a scanner that counts
/// up its acquisition number along the table makes one stack. Radiographs are one part an image.
SplitSeries split_series(std::vector<FileHeader> files);

}  // namespace thorax::intake
