#include "pipeline/heat_check.h"

#include <gtest/gtest.h>

#include "learn/random.h"

namespace thorax::pipeline {
namespace {

constexpr int kSide = 40, kTop = 24, kLeft = 4, kSpot = 8;

/// How much detail the spot shows: the sum of the squared differences between neighbours.
double detail(const prepare::NetworkInput& input) {
  double sum = 0;
  for (int y = kTop; y < kTop + kSpot; ++y)
    for (int x = kLeft; x < kLeft + kSpot; ++x) {
      const auto at = static_cast<std::size_t>(y * kSide + x);
      const double step = static_cast<double>(input.values[at] - input.values[at + 1]);
      sum += step * step;
    }
  return sum;
}

std::vector<double> details(const std::vector<prepare::NetworkInput>& inputs) {
  std::vector<double> all;
  for (const prepare::NetworkInput& input : inputs) all.push_back(detail(input));
  return all;
}

prepare::NetworkInput grain() {
  prepare::NetworkInput input = prepare::make_input({1, 1, kSide, kSide});
  learn::Random random{1};
  for (std::size_t i = 0; i < input.count(); ++i)
    input.values[i] = static_cast<float>(random.uniform());
  return input;
}

TEST(HeatCheck, FallsWhereTheMapPoints) {
  const prepare::NetworkInput input = grain();
  const double whole = detail(input);
  const HeatCheck check =
      check_heat(input, occlusion_map(input, whole, details), whole, details, {.share = 0.1});
  EXPECT_GT(check.hot, 0.7 * whole);
  EXPECT_LT(check.elsewhere, 0.2 * whole);
}

TEST(HeatCheck, FindsAMapThatPointsElsewhere) {
  const prepare::NetworkInput input = grain();
  const double whole = detail(input);
  OcclusionMap map = occlusion_map(input, whole, details);
  for (double& drop : map.drop) drop = -drop;
  const HeatCheck check = check_heat(input, map, whole, details, {.share = 0.1});
  EXPECT_LT(check.hot, 0.1 * whole);
}

}  // namespace
}  // namespace thorax::pipeline
