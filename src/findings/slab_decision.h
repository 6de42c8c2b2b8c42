// From the scores of slices or slabs to one answer for a series.
#pragma once

#include <functional>
#include <span>

namespace thorax::findings {

/// Mean of the scores.
double mean_score(std::span<const double> scores);
/// Mean of the highest ceil(share * count) scores, at least one: a finding that shows in a few
/// slabs counts in full. 0 < share <= 1; throws Error("bad_option"_code) otherwise or without
/// scores.
double top_share_score(std::span<const double> scores, double share);

/// Scores strictly between `low` and `high` are not trusted to one network alone.
struct UncertaintyBand {
  double low = 0.45, high = 0.55;
};

struct SeriesAnswer {
  double score = 0;
  bool asked_again = false;  ///< a second opinion was taken
  bool pathology = false;    ///< score >= 0.5
};

/// Inside the band the score becomes the mean with that of a second opinion, which is asked for
/// only then; without one (an empty function) the score stays as it is.
SeriesAnswer answer_in_band(double score, const UncertaintyBand& band,
                            const std::function<double()>& second_opinion);

}  // namespace thorax::findings
