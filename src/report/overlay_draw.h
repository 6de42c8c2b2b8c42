// Contours, tags and calipers on a view.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "report/overlay.h"
#include "report/view.h"

namespace thorax::report {

/// A label volume and what its values mean.
struct MarkedLabels {
  const volume::Labels* labels = nullptr;
  std::vector<std::pair<std::uint8_t, Mark>> marks;
};

/// Tints and outlines what the view cuts, with its tag at the largest island; returns the legend
/// of what is there, in the order of `marks`.
std::vector<LegendItem> draw_marks(Canvas& canvas, const View& view, const MarkedLabels& marked);

/// A nodule gets a caliper along the longest axis of the marked island at its voxel, or corners
/// where nothing is marked; a lesion without a diameter gets corners around its box. Its tag,
/// number and diameter in mm stand beside it.
void draw_lesion(Canvas& canvas, const View& view, const volume::Grid& grid,
                 const MarkedLabels& marked, const LesionRow& lesion, int number);

/// Corners around a place.
void draw_place(Canvas& canvas, const View& view, const volume::Grid& grid, const Place& place,
                Colour colour);

}  // namespace thorax::report
