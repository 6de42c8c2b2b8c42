#include "evaluate/conformal.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace thorax::evaluate {

ConformalScores conformal_scores(std::span<const double> probabilities, std::span<const int> truth,
                                 std::size_t classes) {
  if (classes < 2 || probabilities.size() != truth.size() * classes)
    throw std::invalid_argument("probabilities and classes do not fit");
  ConformalScores scores;
  scores.of_class.resize(classes);
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const auto k = static_cast<std::size_t>(truth[i]);
    if (k >= classes) throw std::invalid_argument("a class is out of range");
    scores.of_class[k].push_back(1 - probabilities[i * classes + k]);
  }
  for (std::vector<double>& of_class : scores.of_class) std::ranges::sort(of_class);
  return scores;
}

double conformal_limit(std::span<const double> sorted_scores, double miss_rate) {
  const auto n = static_cast<double>(sorted_scores.size());
  // (n + 1)(1 - miss_rate) that is whole but for rounding stays what it is.
  const double rank = std::ceil((n + 1) * (1 - miss_rate) - 1e-9);
  if (rank > n) return std::numeric_limits<double>::infinity();
  return sorted_scores[static_cast<std::size_t>(std::max(1.0, rank)) - 1];
}

std::vector<int> conformal_set(std::span<const double> probabilities, const ConformalScores& scores,
                               double miss_rate) {
  if (probabilities.size() != scores.of_class.size())
    throw std::invalid_argument("probabilities and conformal scores differ in classes");
  std::vector<int> set;
  for (std::size_t k = 0; k < probabilities.size(); ++k)
    if (1 - probabilities[k] <= conformal_limit(scores.of_class[k], miss_rate))
      set.push_back(static_cast<int>(k));
  return set;
}

Coverage conformal_coverage(std::span<const double> probabilities, std::span<const int> truth,
                            const ConformalScores& scores, double miss_rate) {
  const std::size_t classes = scores.of_class.size();
  if (truth.empty() || probabilities.size() != truth.size() * classes)
    throw std::invalid_argument("probabilities and classes do not fit");
  Coverage coverage;
  std::vector<double> cases(classes, 0), covered(classes, 0);
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const std::vector<int> set =
        conformal_set(probabilities.subspan(i * classes, classes), scores, miss_rate);
    const auto k = static_cast<std::size_t>(truth[i]);
    const double holds = std::ranges::find(set, truth[i]) != set.end() ? 1 : 0;
    cases[k] += 1;
    covered[k] += holds;
    coverage.covered += holds;
    coverage.single += set.size() == 1 ? 1 : 0;
    coverage.empty += set.empty() ? 1 : 0;
    coverage.mean_size += static_cast<double>(set.size());
  }
  const auto n = static_cast<double>(truth.size());
  for (double* share : {&coverage.covered, &coverage.single, &coverage.empty, &coverage.mean_size})
    *share /= n;
  for (std::size_t k = 0; k < classes; ++k) coverage.of_class.push_back(covered[k] / cases[k]);
  return coverage;
}

}  // namespace thorax::evaluate
