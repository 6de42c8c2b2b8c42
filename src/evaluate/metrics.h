// The numbers that say how good a classifier is.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "evaluate/bootstrap.h"

namespace thorax::evaluate {

/// Cases of known truth with the probabilities that a model gave.
struct Cases {
  std::vector<std::string> classes;
  /// True: each case is of one class, and the probabilities of a case add up to 1. False: each
  /// class is a question of its own (findings).
  bool exclusive = true;
  std::vector<double> probabilities;  ///< [cases, classes], row-major
  std::vector<std::uint8_t> truth;    ///< [cases, classes], 1 where the class holds
  std::vector<std::string> patients;  ///< one a case, or empty: each case is a patient

  std::size_t count() const { return classes.empty() ? 0 : truth.size() / classes.size(); }
  /// Probabilities and truth of one class, one a case.
  std::vector<double> scores_of(std::size_t k) const;
  std::vector<std::uint8_t> labels_of(std::size_t k) const;
  /// The class of each case; exclusive cases only.
  std::vector<int> truth_indices() const;
};

/// How cases are called.
struct CallRule {
  /// Exclusive cases: the class of the highest probability (the first of equals), or, with a
  /// threshold here, `positive` where its probability is strictly above and the likeliest of the
  /// others elsewhere. Other cases: strictly above the class's threshold, 0.5 where none is given.
  std::vector<double> thresholds;
  std::size_t positive = 1;  ///< of exclusive cases; thresholds[0] is its
};

/// [cases, classes], 1 where the class is called. Throws std::invalid_argument when sizes differ.
std::vector<std::uint8_t> call(const Cases& cases, const CallRule& rule = {});

/// confusion[truth][called], of exclusive cases.
std::vector<std::vector<std::int64_t>> confusion_matrix(const Cases& cases,
                                                        const std::vector<std::uint8_t>& called);

/// Numbers of one class, or an average. What is not defined (precision when nothing was called,
/// AUROC without both kinds) is not a number and is left out of averages.
struct ClassMetrics {
  std::string name;        ///< the class, "macro" or "micro"
  std::int64_t cases = 0;  ///< that are of the class
  Estimate precision, sensitivity, specificity, f1, auroc, auprc, brier, calibration_error;
};

struct Metrics {
  std::int64_t cases = 0, patients = 0;
  Estimate accuracy;           ///< share of cases called right in every class
  Estimate brier;              ///< mean over cases of the squared differences, summed over classes
  Estimate calibration_error;  ///< of the likeliest class of exclusive cases, else over all answers
  std::vector<ClassMetrics> classes;
  /// Macro: the mean over classes. Micro: all (case, class) answers as one list.
  ClassMetrics macro, micro;
};

/// Every number with its interval. Throws std::invalid_argument when sizes differ or a case of
/// exclusive classes has not exactly one.
Metrics measure(const Cases& cases, const CallRule& rule = {},
                const BootstrapOptions& options = {});

/// Calls f(id, member) for each number of a class, in the order of reports.
template <class F>
void for_each_number(F f) {
  f("precision", &ClassMetrics::precision);
  f("sensitivity", &ClassMetrics::sensitivity);
  f("specificity", &ClassMetrics::specificity);
  f("f1", &ClassMetrics::f1);
  f("auroc", &ClassMetrics::auroc);
  f("auprc", &ClassMetrics::auprc);
  f("brier", &ClassMetrics::brier);
  f("calibration_error", &ClassMetrics::calibration_error);
}

}  // namespace thorax::evaluate
