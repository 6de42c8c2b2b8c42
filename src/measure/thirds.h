// Where in the lungs something is.
#pragma once

#include <array>

#include "base/place.h"
#include "measure/ct.h"

namespace thorax::measure {

/// Slices from the base to the apex of one lung; empty when high < low.
struct LungSpan {
  int low_z = 0, high_z = -1;
  bool empty() const { return high_z < low_z; }
  /// 0 upper, 1 middle, 2 lower third of the height; beyond the ends the nearest.
  int third(int z) const;
};

struct LungSpans {
  LungSpan left, right;
  const LungSpan& of(Side side) const { return side == Side::left ? left : right; }
};

/// Spans of both lung fields in an anatomy label volume. Thirds of equal height are how the reports
/// of chest CT place a finding when lobes are not segmented.
LungSpans lung_spans(const volume::Labels& anatomy);

/// "right lung, upper third".
Text describe_place(Side side, int third);

/// The same for what lies between the lung and the chest wall: "left pleural cavity".
Text describe_pleural_place(Side side);

}  // namespace thorax::measure
