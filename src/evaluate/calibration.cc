#include "evaluate/calibration.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace thorax::evaluate {
namespace {

void require_fit(std::span<const double> logits, std::span<const int> truth, std::size_t classes) {
  if (classes < 2 || truth.empty() || logits.size() != truth.size() * classes)
    throw std::invalid_argument("logits and classes do not fit");
  if (std::ranges::any_of(truth, [&](int k) { return k < 0 || k >= static_cast<int>(classes); }))
    throw std::invalid_argument("a class is out of range");
}

/// Derivative of the mean negative log-likelihood by 1 / temperature; it never falls, so the
/// smallest value is where it changes sign.
double slope(std::span<const double> logits, std::span<const int> truth, std::size_t classes,
             double inverse) {
  double sum = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const auto row = logits.subspan(i * classes, classes);
    const std::vector<double> p = softmax(row, 1 / inverse);
    for (std::size_t k = 0; k < classes; ++k) sum += p[k] * row[k];
    sum -= row[static_cast<std::size_t>(truth[i])];
  }
  return sum / static_cast<double>(truth.size());
}

}  // namespace

std::vector<double> softmax(std::span<const double> logits, double temperature) {
  std::vector<double> out(logits.begin(), logits.end());
  if (out.empty()) return out;
  const double top = std::ranges::max(out);
  double sum = 0;
  for (double& value : out) {
    value = std::exp((value - top) / temperature);
    sum += value;
  }
  for (double& value : out) value /= sum;
  return out;
}

double fit_temperature(std::span<const double> logits, std::span<const int> truth,
                       std::size_t classes) {
  require_fit(logits, truth, classes);
  constexpr int kHalvings = 100;
  double low = std::log(0.01), high = std::log(100.0);  // of 1 / temperature
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (low + high) / 2;
    (slope(logits, truth, classes, std::exp(middle)) < 0 ? low : high) = middle;
  }
  return std::exp(-(low + high) / 2);
}

std::vector<double> fit_shift(std::span<const double> logits, std::span<const int> truth,
                              std::size_t classes, double temperature, bool balanced) {
  require_fit(logits, truth, classes);
  std::vector<double> count(classes, 0), shift(classes, 0);
  for (const int k : truth) ++count[static_cast<std::size_t>(k)];
  if (std::ranges::count(count, 0) > 0) return shift;
  // Of all cases, and of one case of each class.
  std::vector<double> share(classes), weight(classes);
  for (std::size_t k = 0; k < classes; ++k) {
    share[k] =
        balanced ? 1 / static_cast<double>(classes) : count[k] / static_cast<double>(truth.size());
    weight[k] = share[k] / count[k];
  }
  constexpr int kSteps = 20'000;
  constexpr double kEnough = 1e-9;
  double apart = 1;
  for (int step = 0; step < kSteps && apart > kEnough; ++step) {
    std::vector<double> mean(classes, 0);
    for (std::size_t i = 0; i < truth.size(); ++i) {
      std::vector<double> row(logits.begin() + static_cast<std::ptrdiff_t>(i * classes),
                              logits.begin() + static_cast<std::ptrdiff_t>((i + 1) * classes));
      for (std::size_t k = 0; k < classes; ++k) row[k] += shift[k];
      const std::vector<double> p = softmax(row, temperature);
      for (std::size_t k = 0; k < classes; ++k)
        mean[k] += p[k] * weight[static_cast<std::size_t>(truth[i])];
    }
    // Iterative scaling: each step brings the mean probabilities nearer to the shares.
    apart = 0;
    double middle = 0;
    for (std::size_t k = 0; k < classes; ++k) {
      const double ratio = std::log(share[k] / mean[k]);
      shift[k] += temperature * ratio;
      middle += shift[k] / static_cast<double>(classes);
      apart = std::max(apart, std::abs(ratio));
    }
    for (double& value : shift) value -= middle;
  }
  return shift;
}

double log_loss(std::span<const double> logits, std::span<const int> truth, std::size_t classes,
                double temperature) {
  require_fit(logits, truth, classes);
  double sum = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const auto row = logits.subspan(i * classes, classes);
    const double top = std::ranges::max(row) / temperature;
    double exponentials = 0;
    for (const double value : row) exponentials += std::exp(value / temperature - top);
    sum += top + std::log(exponentials) - row[static_cast<std::size_t>(truth[i])] / temperature;
  }
  return sum / static_cast<double>(truth.size());
}

std::vector<ReliabilityBin> reliability(std::span<const double> stated,
                                        std::span<const std::uint8_t> holds, int bins,
                                        std::span<const double> weights) {
  if (stated.size() != holds.size() || bins < 1)
    throw std::invalid_argument("reliability: cases do not fit");
  std::vector<ReliabilityBin> out(static_cast<std::size_t>(bins));
  for (int b = 0; b < bins; ++b) {
    out[static_cast<std::size_t>(b)].low = static_cast<double>(b) / bins;
    out[static_cast<std::size_t>(b)].high = static_cast<double>(b + 1) / bins;
  }
  for (std::size_t i = 0; i < stated.size(); ++i) {
    const int b = std::clamp(static_cast<int>(std::ceil(stated[i] * bins)) - 1, 0, bins - 1);
    ReliabilityBin& bin = out[static_cast<std::size_t>(b)];
    const double weight = weights.empty() ? 1.0 : weights[i];
    bin.weight += weight;
    bin.stated += weight * stated[i];
    if (holds[i]) bin.observed += weight;
  }
  for (ReliabilityBin& bin : out)
    if (bin.weight > 0) {
      bin.stated /= bin.weight;
      bin.observed /= bin.weight;
    }
  return out;
}

double calibration_error(const std::vector<ReliabilityBin>& bins) {
  double sum = 0, weight = 0;
  for (const ReliabilityBin& bin : bins) {
    sum += bin.weight * std::abs(bin.stated - bin.observed);
    weight += bin.weight;
  }
  return weight > 0 ? sum / weight : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace thorax::evaluate
