#include "evaluate/ranking.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace thorax::evaluate {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

}  // namespace

Ranking::Ranking(std::span<const double> scores, std::span<const std::uint8_t> labels)
    : order_(scores.size()) {
  if (scores.size() != labels.size())
    throw std::invalid_argument("ranking: scores and labels differ in number");
  if (std::ranges::any_of(scores, [](double score) { return std::isnan(score); }))
    throw std::invalid_argument("ranking: a score is no number");
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::ranges::stable_sort(order_,
                           [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  for (const std::size_t i : order_) {
    scores_.push_back(scores[i]);
    labels_.push_back(labels[i]);
  }
}

/// Calls visit(score, true positives, false positives), both so far, after each distinct score.
template <class Visit>
void Ranking::walk(std::span<const double> weights, Visit visit) const {
  double positives = 0, negatives = 0;
  for (std::size_t i = 0; i < order_.size(); ++i) {
    (labels_[i] ? positives : negatives) += weights.empty() ? 1.0 : weights[order_[i]];
    if (i + 1 == order_.size() || scores_[i + 1] < scores_[i])
      visit(scores_[i], positives, negatives);
  }
}

double Ranking::auroc(std::span<const double> weights) const {
  double area = 0, last_positives = 0, last_negatives = 0;
  walk(weights, [&](double, double positives, double negatives) {
    area += (negatives - last_negatives) * (positives + last_positives) / 2;
    last_positives = positives;
    last_negatives = negatives;
  });
  const double pairs = last_positives * last_negatives;
  return pairs > 0 ? area / pairs : kUndefined;
}

double Ranking::average_precision(std::span<const double> weights) const {
  double sum = 0, last = 0;
  walk(weights, [&](double, double positives, double negatives) {
    if (positives > last) sum += (positives - last) * positives / (positives + negatives);
    last = positives;
  });
  return last > 0 ? sum / last : kUndefined;
}

std::vector<Ranking::Point> Ranking::points(std::span<const double> weights) const {
  std::vector<Point> out;
  walk(weights, [&](double score, double positives, double negatives) {
    out.push_back({score, positives, negatives});
  });
  return out;
}

}  // namespace thorax::evaluate
