#include "evaluate/threshold.h"

#include <charconv>
#include <cmath>
#include <stdexcept>

namespace thorax::evaluate {
namespace {

/// How much a cut is worth for the goal; below zero when it is not allowed.
double worth(const Ranking::Point& point, const Ranking::Point& all, const ThresholdGoal& goal) {
  const double sensitivity = point.true_positives / all.true_positives;
  const double specificity = 1 - point.false_positives / all.false_positives;
  switch (goal.kind) {
    case ThresholdGoal::Kind::f1:
      return 2 * point.true_positives /
             (point.true_positives + point.false_positives + all.true_positives);
    case ThresholdGoal::Kind::sensitivity:
      return sensitivity >= goal.at_least ? specificity : -1;
    case ThresholdGoal::Kind::specificity:
      return specificity >= goal.at_least ? sensitivity : -1;
    case ThresholdGoal::Kind::youden:
      break;
  }
  return sensitivity + specificity - 1;
}

}  // namespace

ThresholdGoal parse_goal(const std::string& text) {
  using Kind = ThresholdGoal::Kind;
  if (text == "f1") return {Kind::f1, 0};
  if (text == "youden") return {Kind::youden, 0};
  for (const auto& [word, kind] : {std::pair<std::string, Kind>{"sensitivity>=", Kind::sensitivity},
                                   {"specificity>=", Kind::specificity}}) {
    if (!text.starts_with(word)) continue;
    double at_least = 0;
    const char* const last = text.data() + text.size();
    const auto [end, problem] = std::from_chars(text.data() + word.size(), last, at_least);
    if (problem == std::errc() && end == last && at_least > 0 && at_least <= 1)
      return {kind, at_least};
  }
  throw std::invalid_argument(text);
}

double choose_threshold(const Ranking& ranking, const ThresholdGoal& goal) {
  const std::vector<Ranking::Point> points = ranking.points();
  if (points.empty() || points.back().true_positives <= 0 || points.back().false_positives <= 0)
    throw std::invalid_argument("a threshold needs cases of both kinds");
  double best = -1;
  std::size_t at = 0;
  for (std::size_t i = 0; i < points.size(); ++i)
    if (const double value = worth(points[i], points.back(), goal); value > best) {
      best = value;
      at = i;
    }
  const double inside = points[at].threshold;
  if (best < 0) return inside;  // "specificity at least": nothing is positive
  if (at + 1 == points.size()) return std::nextafter(inside, -HUGE_VAL);
  return (inside + points[at + 1].threshold) / 2;
}

}  // namespace thorax::evaluate
