// Everything that an evaluation says of one table of answers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "evaluate/calibration.h"
#include "evaluate/conformal.h"
#include "evaluate/table.h"
#include "evaluate/threshold.h"

namespace thorax::evaluate {

/// What was fitted on other cases than those that are evaluated.
struct Fitted {
  double temperature = 1;
  ConformalScores conformal;
  std::optional<double> threshold;  ///< of the positive class, by the goal
  std::int64_t cases = 0;           ///< that it was fitted on; 0 where not known
};

/// Temperature and conformal scores of exclusive classes with logits, and, for two classes and a
/// goal, the threshold of `positive`. Throws Error("bad_option"_code) without logits or a
/// class.
Fitted fit(const AnswerTable& table, std::size_t positive,
           const std::optional<ThresholdGoal>& goal);

struct EvaluationOptions {
  std::vector<std::string> slices;  ///< columns by whose values the cases are split
  std::size_t positive = 1;
  BootstrapOptions bootstrap;
  std::vector<double> miss_rates{0.01, 0.05, 0.1};  ///< whose coverage is measured
};

struct ClassCurves {
  std::vector<Ranking::Point> points;
  std::vector<ReliabilityBin> reliability;  ///< ten bins
};

struct Slice {
  std::string column, value;
  Metrics metrics;
};

struct MissRate {
  double promised = 0;
  Coverage coverage;
};

struct Evaluation {
  std::vector<std::string> classes;
  bool exclusive = true;
  std::optional<Fitted> fitted;
  Metrics metrics;
  std::vector<std::vector<std::int64_t>> confusion;  ///< of exclusive classes
  std::vector<ClassCurves> curves;                   ///< one a class
  std::vector<Slice> slices;                         ///< by column, then value
  std::vector<MissRate> miss_rates;                  ///< where there are conformal scores
};

/// With `fitted` the probabilities are calibrated and the threshold used first.
Evaluation evaluate_table(AnswerTable table, const std::optional<Fitted>& fitted,
                          const EvaluationOptions& options = {});

}  // namespace thorax::evaluate
