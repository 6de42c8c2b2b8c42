#include "pipeline/heat_check.h"

#include <algorithm>
#include <numeric>

#include "learn/degrade.h"
#include "learn/random.h"

namespace thorax::pipeline {
namespace {

constexpr int kDraws = 32;

/// The hottest pixels; of equally hot ones the first.
std::vector<bool> hottest(const OcclusionMap& map, double share) {
  std::vector<std::size_t> order(map.drop.size());
  std::iota(order.begin(), order.end(), 0);
  const auto count = static_cast<std::ptrdiff_t>(share * static_cast<double>(order.size()));
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t i) { return map.drop[i]; });
  std::vector<bool> hot(order.size());
  std::for_each_n(order.begin(), count, [&](std::size_t i) { hot[i] = true; });
  return hot;
}

std::vector<bool> moved(const std::vector<bool>& region, int side, int down, int right) {
  std::vector<bool> out(region.size());
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x)
      out[static_cast<std::size_t>((y + down) % side * side + (x + right) % side)] =
          region[static_cast<std::size_t>(y * side + x)];
  return out;
}

std::size_t overlap(const std::vector<bool>& one, const std::vector<bool>& two) {
  std::size_t both = 0;
  for (std::size_t i = 0; i < one.size(); ++i) both += one[i] && two[i];
  return both;
}

/// The picture with `blurred` shown where the region is.
prepare::NetworkInput hidden(const prepare::NetworkInput& input,
                             const prepare::NetworkInput& blurred,
                             const std::vector<bool>& region) {
  prepare::NetworkInput out = prepare::make_input(input.shape);
  for (std::size_t i = 0; i < input.count(); ++i)
    out.values[i] = (region[i % region.size()] ? blurred : input).values[i];
  return out;
}

prepare::NetworkInput blurred_copy(const prepare::NetworkInput& input, int side, double sigma) {
  prepare::NetworkInput out = prepare::make_input(input.shape);
  const std::size_t pixels = static_cast<std::size_t>(side) * static_cast<std::size_t>(side);
  for (std::size_t from = 0; from < input.count(); from += pixels) {
    const std::span<const float> plane = input.span().subspan(from, pixels);
    learn::Grey picture{.size = side, .values = {plane.begin(), plane.end()}};
    learn::blur(picture, sigma);
    std::ranges::copy(picture.values, out.values.get() + from);
  }
  return out;
}

}  // namespace

HeatCheck check_heat(const prepare::NetworkInput& input, const OcclusionMap& map, double whole,
                     const Answers& answers, const HeatCheckOptions& options) {
  const int side = map.height;
  const std::vector<bool> hot = hottest(map, options.share);
  const prepare::NetworkInput blurred = blurred_copy(input, side, options.blur * side);
  std::vector<prepare::NetworkInput> inputs{hidden(input, blurred, hot)};
  learn::Random random{options.seed};
  for (int place = 0; place < options.places; ++place) {
    std::vector<bool> best;
    for (int draw = 0; draw < kDraws; ++draw) {
      const auto shift = [&] {
        return static_cast<int>(random.below(static_cast<std::size_t>(side)));
      };
      const int down = shift(), right = shift();
      std::vector<bool> other = moved(hot, side, down, right);
      if (best.empty() || overlap(hot, other) < overlap(hot, best)) best = std::move(other);
    }
    inputs.push_back(hidden(input, blurred, best));
  }
  const std::vector<double> scores = answers(inputs);
  HeatCheck check{.hot = whole - scores.front()};
  for (std::size_t i = 1; i < scores.size(); ++i)
    check.elsewhere += (whole - scores[i]) / options.places;
  return check;
}

}  // namespace thorax::pipeline
