// What the slice scores of Body Part Regression say: where in the body each slice lies, which parts
// a scan covers, whether its slice spacing can be right.
// Reference: MIC-DKFZ BodyPartRegression, bpreg/score_processing; Schuhegger, arXiv 2110.09148.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace thorax::quality {

/// Numbers that belong to a trained model, from its manifest.
struct BodyPartReference {
  /// Mean score of each landmark on the scale where pelvis_start is 0 and eyes_end 100.
  std::map<std::string, double> landmarks;
  double raw_at_0 = 0, raw_at_100 = 1;           ///< the network's mean output at those two
  double slope_mean = 0;                         ///< scores a mm up the body
  double slope_low = -0.037, slope_high = 0.25;  ///< scores a mm between neighbours that can be
  double slope_tolerance = 0.28;                 ///< of a scan's slope, relative to slope_mean
  double smoothing_mm = 10;
  /// Raw scores, at two decimals, of slices without a body.
  std::vector<double> background = {110.83, 6.14, 108.92, 6.22};
};

struct BodyPartScores {
  double slice_mm = 0;
  std::vector<double> unprocessed;  ///< on the scale 0 ... 100
  /// Smoothed; NaN for empty slices and for tails where the curve jumps.
  std::vector<double> cleaned;
  double slope = 0, offset = 0;  ///< of the line through the cleaned scores, a mm; NaN below two
  double relative_slope = 0;     ///< |slope| / slope_mean
  std::optional<bool> spacing_fits;  ///< no value where there is no line
  bool head_first = false;           ///< scores fall from slice to slice
  double expected_slice_mm = 0;  ///< what the spacing would have to be; negative when head first
};

/// Raw scores of the slices in order, `slice_mm` apart. Throws Error("bad_option"_code) when the
/// distance or the reference's scale is not usable.
BodyPartScores body_part_scores(std::span<const double> raw, double slice_mm,
                                const BodyPartReference& reference);

/// Slices that lie in each part: legs, pelvis, abdomen, chest, shoulder-neck, head. Parts overlap.
std::map<std::string, std::vector<std::size_t>> body_parts_of_slices(
    const BodyPartScores& scores, const BodyPartReference& reference);

/// The parts a scan covers, as DICOM's Body Part Examined names them ("CHEST",
/// "CHEST-ABDOMEN-PELVIS"); "NONE" when the spacing cannot be right or nothing is recognised.
std::string body_part_examined(const BodyPartScores& scores, const BodyPartReference& reference);

}  // namespace thorax::quality
