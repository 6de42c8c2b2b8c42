#include "findings/slab_decision.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "base/error.h"

namespace thorax::findings {

double mean_score(std::span<const double> scores) {
  return top_share_score(scores, 1);
}

double top_share_score(std::span<const double> scores, double share) {
  if (scores.empty() || !(share > 0 && share <= 1)) {
    throw Error("bad_option"_code, {{"option", "share"},
                                    {"value", std::to_string(share)},
                                    {"hint", "0 < share <= 1, one score at least"}});
  }
  std::vector<double> sorted(scores.begin(), scores.end());
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  const auto kept = std::max<std::size_t>(
      1, static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size()))));
  sorted.resize(std::min(kept, sorted.size()));
  return std::accumulate(sorted.begin(), sorted.end(), 0.0) / static_cast<double>(sorted.size());
}

SeriesAnswer answer_in_band(double score, const UncertaintyBand& band,
                            const std::function<double()>& second_opinion) {
  SeriesAnswer answer{.score = score};
  answer.asked_again = second_opinion && score > band.low && score < band.high;
  if (answer.asked_again) answer.score = (score + second_opinion()) / 2;
  answer.pathology = answer.score >= 0.5;
  return answer;
}

}  // namespace thorax::findings
