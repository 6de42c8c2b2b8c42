// The best path through a stack of slices.
#pragma once

#include <vector>

namespace thorax::measure {

struct PathPoint {
  int y = 0, x = 0;
};

struct SlicePath {
  std::vector<PathPoint> points;  ///< one a slice
  double mean_score = 0;          ///< of the path with its price, a slice
};

/// Dynamic programming: one point a slice so that the sum of their scores, less `price` times the
/// squared step from slice to slice, is largest. A step is at most two pixels along each axis.
/// `scores` holds height x width values a slice, row by row. Empty for no slices.
SlicePath best_path(const std::vector<std::vector<float>>& scores, int height, int width,
                    float price);

}  // namespace thorax::measure
