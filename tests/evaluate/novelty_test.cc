#include "evaluate/novelty.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <stdexcept>

namespace thorax::evaluate {
namespace {

/// Squared with its sign: what the roots are taken of.
float square(double value) {
  return static_cast<float>(value * std::abs(value));
}

/// Roots at (±1, 0) and (0, ±2): mean 0, covariance diag(0.5, 2).
std::vector<float> cross() {
  return {square(1), 0, square(-1), 0, 0, square(2), 0, square(-2)};
}

TEST(Novelty, IsTheMahalanobisDistanceOfTheRoots) {
  const FeatureCloud cloud = fit_cloud(cross(), 2, 0);
  EXPECT_NEAR(novelty(cloud, std::vector<float>{0, 0}), 0, 1e-6);
  // 3² / 0.5 = 18 and 3² / 2 = 4.5, over two features.
  EXPECT_NEAR(novelty(cloud, std::vector<float>{square(3), 0}), 3, 1e-5);
  EXPECT_NEAR(novelty(cloud, std::vector<float>{0, square(-3)}), 1.5, 1e-5);
}

TEST(Novelty, SeesThatFeaturesGoTogether) {
  std::vector<float> features;
  std::mt19937 random(1);
  std::normal_distribution<double> normal;
  for (int i = 0; i < 500; ++i) {
    const double a = normal(random), b = a + 0.1 * normal(random);
    features.insert(features.end(), {square(a), square(b)});
  }
  const FeatureCloud cloud = fit_cloud(features, 2, 0.001);
  EXPECT_LT(novelty(cloud, std::vector<float>{square(1), square(1)}), 1.2);
  EXPECT_GT(novelty(cloud, std::vector<float>{square(1), square(-1)}), 5);
}

TEST(Novelty, ShrinkageGivesFeaturesThatNeverVaryAWidth) {
  const std::vector<float> features{square(1), 0, square(-1), 0};  // trace 1
  const FeatureCloud cloud = fit_cloud(features, 2, 0.5);
  // 0.5 * 0 + 0.5 * 1 / 2 = 0.25 for the second: 1 / 0.25 / 2 = 2.
  EXPECT_NEAR(novelty(cloud, std::vector<float>{0, square(1)}), std::sqrt(2.0), 1e-5);
}

TEST(Novelty, RefusesWhatDoesNotFit) {
  EXPECT_THROW(fit_cloud(std::vector<float>{1, 2, 3}, 2), std::invalid_argument);
  EXPECT_THROW(fit_cloud(std::vector<float>{1, 2}, 2), std::invalid_argument);
  EXPECT_THROW(fit_cloud(std::vector<float>{1, 2, 1, 2}, 2), std::invalid_argument);
  EXPECT_THROW(novelty(fit_cloud(cross(), 2), std::vector<float>{1}), std::invalid_argument);
}

}  // namespace
}  // namespace thorax::evaluate
