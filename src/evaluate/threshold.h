// Where to cut a score, by a stated goal.
#pragma once

#include <string>

#include "evaluate/ranking.h"

namespace thorax::evaluate {

struct ThresholdGoal {
  enum class Kind {
    f1,           ///< highest F1
    youden,       ///< highest sensitivity + specificity - 1 (Youden, Cancer 1950)
    sensitivity,  ///< the highest specificity with a sensitivity of at least `at_least`
    specificity,  ///< the highest sensitivity with a specificity of at least `at_least`
  };
  Kind kind = Kind::youden;
  double at_least = 0.95;
};

/// "f1", "youden", "sensitivity>=0.95", "specificity>=0.9". Throws std::invalid_argument.
ThresholdGoal parse_goal(const std::string& text);

/// A score is positive when strictly above the threshold. Halfway between the two neighbouring
/// scores that the goal separates, so that it does not hang on a rounding; where nothing better is
/// known the first (highest) of equal cuts. Throws std::invalid_argument without both kinds of
/// cases.
double choose_threshold(const Ranking& ranking, const ThresholdGoal& goal);

}  // namespace thorax::evaluate
