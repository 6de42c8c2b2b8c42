#include "learn/stopping.h"

#include <cmath>
#include <limits>

namespace thorax::learn {

double merit(const EpochRow& row, const std::string& watch) {
  const double value = watch == "accuracy" ? row.validation_accuracy
                       : watch == "f1"     ? row.validation_f1
                       : watch == "auroc"  ? row.validation_auroc
                                           : -row.validation_loss;
  return std::isnan(value) ? -std::numeric_limits<double>::infinity() : value;
}

std::int64_t best_epoch(const std::vector<EpochRow>& rows, const std::string& watch) {
  const EpochRow* best = &rows.front();
  for (const EpochRow& row : rows) {
    const double now = merit(row, watch), then = merit(*best, watch);
    if (now > then || (now == then && merit(row, "loss") > merit(*best, "loss"))) best = &row;
  }
  return best->epoch;
}

bool stops_early(const std::vector<EpochRow>& rows, const TrainingOptions& training) {
  if (training.patience == 0) return false;
  double best = -std::numeric_limits<double>::infinity();
  int without = 0;
  for (const EpochRow& row : rows) {
    const double now = merit(row, training.watch);
    ++without;
    if (!(now > best + training.min_delta)) continue;
    best = now;
    without = 0;
  }
  return without >= training.patience;
}

}  // namespace thorax::learn
