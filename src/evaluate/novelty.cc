#include "evaluate/novelty.h"

#include <cmath>
#include <stdexcept>

namespace thorax::evaluate {
namespace {

double root(float value) {
  return std::copysign(std::sqrt(std::abs(static_cast<double>(value))), static_cast<double>(value));
}

/// Where row `row` of a lower triangle begins.
std::size_t start_of(std::size_t row) {
  return row * (row + 1) / 2;
}

/// Lower triangle of the covariance of roots.
std::vector<double> covariance(std::span<const float> features, const std::vector<double>& mean) {
  const std::size_t width = mean.size(), pictures = features.size() / width;
  std::vector<double> sum(start_of(width), 0), centred(width);
  for (std::size_t picture = 0; picture < pictures; ++picture) {
    for (std::size_t i = 0; i < width; ++i)
      centred[i] = root(features[picture * width + i]) - mean[i];
    for (std::size_t i = 0; i < width; ++i)
      for (std::size_t j = 0; j <= i; ++j) sum[start_of(i) + j] += centred[i] * centred[j];
  }
  for (double& value : sum) value /= static_cast<double>(pictures);
  return sum;
}

void shrink(std::vector<double>& lower, std::size_t width, double shrinkage) {
  double trace = 0;
  for (std::size_t i = 0; i < width; ++i) trace += lower[start_of(i) + i];
  if (!(trace > 0)) throw std::invalid_argument("features that never vary");
  for (double& value : lower) value *= 1 - shrinkage;
  for (std::size_t i = 0; i < width; ++i)
    lower[start_of(i) + i] += shrinkage * trace / static_cast<double>(width);
}

/// Cholesky and Banachiewicz, in place.
void factorise(std::vector<double>& lower, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      double rest = lower[start_of(i) + j];
      for (std::size_t k = 0; k < j; ++k) rest -= lower[start_of(i) + k] * lower[start_of(j) + k];
      lower[start_of(i) + j] = i == j ? std::sqrt(rest) : rest / lower[start_of(j) + j];
    }
}

}  // namespace

FeatureCloud fit_cloud(std::span<const float> features, std::size_t width, double shrinkage) {
  if (width == 0 || features.size() < 2 * width || features.size() % width != 0)
    throw std::invalid_argument("features and width do not fit");
  const std::size_t rows = features.size() / width;
  const auto pictures = static_cast<double>(rows);
  std::vector<double> mean(width, 0);
  for (std::size_t i = 0; i < features.size(); ++i) mean[i % width] += root(features[i]) / pictures;
  std::vector<double> lower = covariance(features, mean);
  shrink(lower, width, shrinkage);
  factorise(lower, width);
  return {{mean.begin(), mean.end()}, {lower.begin(), lower.end()}};
}

double novelty(const FeatureCloud& cloud, std::span<const float> features) {
  const std::size_t width = cloud.width();
  if (features.size() != width || cloud.factor.size() != start_of(width))
    throw std::invalid_argument("features and cloud differ in width");
  std::vector<double> whitened(width);
  double squares = 0;
  for (std::size_t i = 0; i < width; ++i) {
    const float* const row = &cloud.factor[start_of(i)];
    double rest = root(features[i]) - static_cast<double>(cloud.mean[i]);
    for (std::size_t k = 0; k < i; ++k) rest -= static_cast<double>(row[k]) * whitened[k];
    whitened[i] = rest / static_cast<double>(row[i]);
    squares += whitened[i] * whitened[i];
  }
  return std::sqrt(squares / static_cast<double>(width));
}

}  // namespace thorax::evaluate
