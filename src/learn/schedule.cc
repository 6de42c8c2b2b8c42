#include "learn/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace thorax::learn {
namespace {

constexpr double kCycleRise = 2000;

/// From `start` to `end` by half a cosine, `done` of 0 … 1.
double by_cosine(double start, double end, double done) {
  return end + (start - end) / 2 * (1 + std::cos(std::numbers::pi * done));
}

double cosine(double highest, double step, double steps, double rise) {
  if (step < rise) return highest * (step + 1) / rise;
  return by_cosine(highest, 0, (step - rise) / std::max(1.0, steps - rise));
}

double linear(double highest, double step, double steps, double rise) {
  if (step < rise) return highest * step / rise;
  return highest * std::max(0.0, (steps - step) / std::max(1.0, steps - rise));
}

Pace one_cycle(double highest, double step, double steps, double rise) {
  constexpr double kStart = 25, kEnd = 1e4, kMost = 0.95, kLeast = 0.85;
  const double top = rise - 1, last = steps - 1, start = highest / kStart;
  if (step <= top) {
    const double done = top > 0 ? step / top : 1;
    return {by_cosine(start, highest, done), by_cosine(kMost, kLeast, done)};
  }
  const double done = (step - top) / (last - top);
  return {by_cosine(highest, start / kEnd, done), by_cosine(kLeast, kMost, done)};
}

double triangle(double step, double rise) {
  const double cycle = std::floor(step / (2 * rise)), place = step / (2 * rise) - cycle;
  const double height = place <= 0.5 ? 2 * place : 2 * (1 - place);
  return height * std::exp2(-cycle);
}

}  // namespace

Pace pace_at(const TrainingOptions& training, std::int64_t step, std::int64_t steps,
             std::int64_t epoch_steps) {
  const auto at = static_cast<double>(step), all = static_cast<double>(steps);
  const double rise = training.warm_up_steps > 0
                          ? static_cast<double>(training.warm_up_steps)
                          : std::floor(training.warm_up * static_cast<double>(epoch_steps));
  const double highest = training.rate;
  if (training.schedule == "one_cycle") return one_cycle(highest, at, all, std::max(1.0, rise));
  if (training.schedule == "linear") return {linear(highest, at, all, rise)};
  if (training.schedule == "constant") return {at < rise ? highest * (at + 1) / rise : highest};
  if (training.schedule == "cyclic") {
    const double up = training.warm_up_steps > 0 ? rise : kCycleRise;
    return {training.base_rate + (highest - training.base_rate) * triangle(at, up)};
  }
  return {cosine(highest, at, all, rise)};
}

}  // namespace thorax::learn
