// How well scores put the positive cases before the others.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace thorax::evaluate {

/// Cases in the order of falling scores, made once and asked with many weights.
class Ranking {
 public:
  /// One score and one label (0 or 1) a case. Throws std::invalid_argument when their numbers
  /// differ or a score is no number.
  Ranking(std::span<const double> scores, std::span<const std::uint8_t> labels);

  std::size_t count() const { return order_.size(); }

  /// Area under the ROC curve: the share of (positive, negative) pairs in the right order, ties
  /// counting half. `weights`: one a case, empty for one each. Not a number without both kinds.
  double auroc(std::span<const double> weights = {}) const;

  /// Average precision: the sum over falling thresholds of (recall gained) * precision, without
  /// interpolation. Not a number without positives.
  double average_precision(std::span<const double> weights = {}) const;

  struct Point {
    double threshold = 0;  ///< cases with this score or a higher one are called positive
    double true_positives = 0, false_positives = 0;
  };
  /// One point a distinct score, from the highest down.
  std::vector<Point> points(std::span<const double> weights = {}) const;

 private:
  template <class Visit>
  void walk(std::span<const double> weights, Visit visit) const;

  std::vector<std::size_t> order_;
  std::vector<double> scores_;        ///< in that order
  std::vector<std::uint8_t> labels_;  ///< in that order
};

}  // namespace thorax::evaluate
