// What the gaps between slices say: spacing, missing slices, strays, irregularity.
#pragma once

#include <vector>

namespace thorax::intake {

/// Two slices nearer than this share of the usual gap (and never further than 0.02 mm below it)
/// stand at the same place.
inline constexpr double kSamePlaceShare = 0.1;
inline constexpr double kSamePlaceMm = 0.02;
/// A gap counts as a whole number of slices when it is this near to one, as a share of a slice.
inline constexpr double kGapTolerance = 0.1;
/// A slice group of at most kStrayShare of all (or two slices) that lies further than kStrayGapMm
/// and ten usual gaps from the rest is stray.
inline constexpr double kStrayShare = 0.05;
inline constexpr double kStrayGapMm = 40;
/// No gap inside a readable stack is longer.
inline constexpr double kLongestGapMm = 100;

struct SpacingReport {
  double usual_mm = 0;  ///< the gap that the stack is made of
  double median_mm = 0, min_mm = 0, max_mm = 0;
  std::vector<double> missing;  ///< positions where slices are missing
  double irregular_share = 0;   ///< of gaps that are no whole number of usual gaps
};

/// `positions`: ascending, distinct, at least two. The usual gap is the median where at least 90 %
/// of the gaps are whole multiples of it; else the shortest gap where that explains them (heavily
/// thinned series); else the median.
SpacingReport analyse_spacing(const std::vector<double>& positions);

/// Index range [first, second) of `positions` (ascending) that stays when stray slices at the ends
/// are taken out.
std::pair<std::size_t, std::size_t> without_strays(const std::vector<double>& positions);

}  // namespace thorax::intake
