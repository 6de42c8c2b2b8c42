#include "pipeline/occlusion.h"

#include <algorithm>
#include <cmath>

namespace thorax::pipeline {
namespace {

struct Square {
  int top = 0, left = 0, height = 0, width = 0;
};

/// Squares whose centres lie evenly over the picture; those at the edges are cut off there.
std::vector<Square> squares(int height, int width, const OcclusionOptions& options) {
  const auto span = [&](int part, int length) {
    const double side = options.share * length;
    const double centre = length * (part + 0.5) / options.parts;
    const int from = std::max(0, static_cast<int>(std::lround(centre - side / 2)));
    const int to = std::min(length, static_cast<int>(std::lround(centre + side / 2)));
    return std::pair{from, to - from};
  };
  std::vector<Square> out;
  for (int row = 0; row < options.parts; ++row)
    for (int column = 0; column < options.parts; ++column) {
      const auto [top, tall] = span(row, height);
      const auto [left, wide] = span(column, width);
      out.push_back({top, left, tall, wide});
    }
  return out;
}

/// 1 in the middle of a side, falling to nearly 0 at its ends, so that the map has no steps.
double tent(int at, int length) {
  return 1 - std::abs(2.0 * at + 1 - length) / (length + 1);
}

}  // namespace

OcclusionOptions occlusion_of(std::uint64_t parameters) {
  constexpr std::uint64_t kLarge = 50'000'000;
  constexpr int kPartsOfLarge = 5;
  OcclusionOptions options;
  if (parameters > kLarge) options.parts = kPartsOfLarge;
  options.share = 2.1 / options.parts;
  return options;
}

std::vector<float> levels_at(const prepare::NetworkInput& input, double share) {
  const auto channels = static_cast<std::size_t>(input.shape.at(1));
  const std::size_t pixels = input.count() / channels;
  std::vector<float> levels;
  for (std::size_t c = 0; c < channels; ++c) {
    const std::span<const float> plane = input.span().subspan(c * pixels, pixels);
    std::vector<float> sorted(plane.begin(), plane.end());
    const auto at =
        sorted.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(pixels - 1));
    std::nth_element(sorted.begin(), at, sorted.end());
    levels.push_back(*at);
  }
  return levels;
}

prepare::NetworkInput hide(const prepare::NetworkInput& input, int top, int left, int height,
                           int width, const std::vector<float>& levels) {
  prepare::NetworkInput hidden = prepare::make_input(input.shape);
  std::copy_n(input.values.get(), input.count(), hidden.values.get());
  const auto columns = static_cast<std::size_t>(input.shape.at(3));
  float* plane = hidden.values.get();
  for (const float level : levels) {
    for (int y = top; y < top + height; ++y)
      std::fill_n(plane + static_cast<std::size_t>(y) * columns + static_cast<std::size_t>(left),
                  width, level);
    plane += static_cast<std::size_t>(input.shape.at(2)) * columns;
  }
  return hidden;
}

OcclusionMap occlusion_map(const prepare::NetworkInput& input, double whole, const Answers& answers,
                           const OcclusionOptions& options) {
  OcclusionMap map;
  map.height = static_cast<int>(input.shape.at(2));
  map.width = static_cast<int>(input.shape.at(3));
  const std::size_t pixels =
      static_cast<std::size_t>(map.height) * static_cast<std::size_t>(map.width);
  std::vector<double> sum(pixels, 0), weights(pixels, 0);
  std::vector<std::vector<float>> shown;
  for (const double share : options.levels) shown.push_back(levels_at(input, share));
  const std::vector<Square> all = squares(map.height, map.width, options);
  const std::size_t questions = options.questions();
  for (std::size_t first = 0; first < questions; first += options.batch) {
    const std::size_t count = std::min(options.batch, questions - first);
    std::vector<prepare::NetworkInput> hidden;
    for (std::size_t i = first; i < first + count; ++i) {
      const Square& square = all[i / shown.size()];
      hidden.push_back(hide(input, square.top, square.left, square.height, square.width,
                            shown[i % shown.size()]));
    }
    const std::vector<double> scores = answers(hidden);
    for (std::size_t i = 0; i < count; ++i) {
      const Square& square = all[(first + i) / shown.size()];
      for (int y = 0; y < square.height; ++y)
        for (int x = 0; x < square.width; ++x) {
          const std::size_t at =
              static_cast<std::size_t>(square.top + y) * static_cast<std::size_t>(map.width) +
              static_cast<std::size_t>(square.left + x);
          const double weight = tent(y, square.height) * tent(x, square.width);
          sum[at] += weight * (whole - scores.at(i));
          weights[at] += weight;
        }
    }
  }
  for (std::size_t i = 0; i < pixels; ++i)
    map.drop.push_back(weights[i] > 0 ? sum[i] / weights[i] : 0);
  return map;
}

}  // namespace thorax::pipeline
