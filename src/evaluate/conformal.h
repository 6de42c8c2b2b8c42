// Sets of classes that hold the truth as often as they promise (split-conformal prediction).
#pragma once

#include <span>
#include <vector>

namespace thorax::evaluate {

/// What calibration cases showed: for each class the sorted values of 1 - (probability of that
/// class) over the cases that are of it. A class of its own keeps the promise for each class, not
/// only for all together (Vovk et al., "Algorithmic Learning in a Random World", 2005, Mondrian
/// predictors; score of Sadinle et al., JASA 2019).
struct ConformalScores {
  std::vector<std::vector<double>> of_class;

  bool empty() const { return of_class.empty(); }
};

/// `probabilities`: [cases, classes], row-major; `truth`: the class of each case. Throws
/// std::invalid_argument when they do not fit.
ConformalScores conformal_scores(std::span<const double> probabilities, std::span<const int> truth,
                                 std::size_t classes);

/// The smallest score that at least ceil((n + 1)(1 - miss_rate)) of the n sorted ones do not
/// exceed; infinite when n is too small for the promise. 0 < miss_rate < 1.
double conformal_limit(std::span<const double> sorted_scores, double miss_rate);

/// Classes that cannot be ruled out: of new cases that are of class k, at most the share
/// `miss_rate` lacks k in its set, as long as they are drawn like the calibration cases. May hold
/// several classes, or none (unlike everything seen). Indices in rising order.
std::vector<int> conformal_set(std::span<const double> probabilities, const ConformalScores& scores,
                               double miss_rate);

/// How sets did on cases of known truth.
struct Coverage {
  double covered = 0;            ///< share of sets that hold the truth
  std::vector<double> of_class;  ///< the same for cases of each class; not a number without any
  double single = 0, empty = 0;  ///< shares of sets with one class, with none
  double mean_size = 0;
};
Coverage conformal_coverage(std::span<const double> probabilities, std::span<const int> truth,
                            const ConformalScores& scores, double miss_rate);

}  // namespace thorax::evaluate
