// The numbers behind the choice of a series, for those who explain or test it.
#pragma once

#include "intake/series_class.h"
#include "intake/series_words.h"

namespace thorax::intake {

/// Fewer slices than this are no volume of a chest (30 slices of 10 mm are a usual sparse HRCT).
inline constexpr int kMinimumSlices = 10;
/// A stack that covers this much along the body, or 90 % of what the longest one does, does not
/// lose to a longer one: adult lungs are 200 to 300 mm high.
inline constexpr double kEnoughCoverageMm = 240;
/// Soft-tissue window of the choice rule (facts S1.2), ends inclusive.
inline constexpr double kWindowCenterLow = 30, kWindowCenterHigh = 50;
inline constexpr double kWindowWidthLow = 300, kWindowWidthHigh = 500;

/// What the rules compare. Lower tiers are better.
struct SeriesFacts {
  ImageClass image_class = ImageClass::original;
  int images = 0;          ///< frames
  bool axial = true;       ///< or unknown
  double coverage_mm = 0;  ///< along the normal, one slice included; 0 when positions are absent
  double slice_mm = 0;     ///< the larger of SliceThickness and the median gap; 0 when unknown
  KernelClass kernel = KernelClass::unknown;
  bool soft_window = false;     ///< first window of the lowest slice inside the ranges above
  int region = 1;               ///< 0 words say chest, 1 nothing, 2 another region
  int view = 1;                 ///< radiographs: 0 frontal, 1 unknown, 2 lateral
  bool for_processing = false;  ///< radiographs: raw detector values
};

/// True when ViewPosition, or failing that a word of the descriptions, says lateral.
bool is_lateral_view(const SeriesHeader& header);

/// Reads the facts off a series with at least one instance.
SeriesFacts series_facts(const Series& series);

}  // namespace thorax::intake
