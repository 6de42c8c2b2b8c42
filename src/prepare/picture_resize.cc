#include "prepare/picture_resize.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"

namespace thorax::prepare {
namespace {

constexpr int kFractionBits = 22;

double weight_at(Filter filter, double x) {
  x = std::abs(x);
  if (filter == Filter::bilinear) return x < 1 ? 1 - x : 0;
  constexpr double a = -0.5;
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

// What one result position sums: consecutive source positions with their fixed-point weights.
struct Window {
  int first = 0;
  std::vector<std::int32_t> weights;
};

std::vector<Window> plan(int source, int target, Filter filter) {
  const double scale = static_cast<double>(source) / target;
  const double widening = std::max(scale, 1.0);
  const double support = (filter == Filter::bilinear ? 1.0 : 2.0) * widening;
  std::vector<Window> windows;
  for (int i = 0; i < target; ++i) {
    const double centre = (i + 0.5) * scale;
    const int first = std::max(static_cast<int>(centre - support + 0.5), 0);
    const int last = std::min(static_cast<int>(centre + support + 0.5), source);
    std::vector<double> weights;
    double sum = 0;
    for (int x = first; x < last; ++x) {
      weights.push_back(weight_at(filter, (x - centre + 0.5) / widening));
      sum += weights.back();
    }
    Window window{.first = first, .weights = {}};
    for (const double weight : weights) {
      const double fixed = weight / sum * (1 << kFractionBits);
      window.weights.push_back(static_cast<std::int32_t>(fixed < 0 ? fixed - 0.5 : fixed + 0.5));
    }
    windows.push_back(std::move(window));
  }
  return windows;
}

std::uint8_t to_level(std::int64_t sum) {
  return static_cast<std::uint8_t>(std::clamp<std::int64_t>(sum >> kFractionBits, 0, 255));
}

constexpr std::int64_t kHalf = std::int64_t{1} << (kFractionBits - 1);

Picture resize_rows(const Picture& picture, int width, Filter filter) {
  const std::vector<Window> windows = plan(picture.width, width, filter);
  Picture out{.height = picture.height, .width = width, .channels = picture.channels, .levels = {}};
  out.levels.resize(out.row() * static_cast<std::size_t>(out.height));
  const auto channels = static_cast<std::size_t>(picture.channels);
  parallel_for(static_cast<std::size_t>(out.height), 32, [&](std::size_t begin, std::size_t end) {
    for (std::size_t y = begin; y < end; ++y) {
      const std::uint8_t* const row = picture.levels.data() + y * picture.row();
      std::uint8_t* to = out.levels.data() + y * out.row();
      for (const Window& window : windows) {
        for (std::size_t c = 0; c < channels; ++c) {
          const std::uint8_t* from = row + static_cast<std::size_t>(window.first) * channels + c;
          std::int64_t sum = kHalf;
          for (const std::int32_t weight : window.weights) {
            sum += std::int64_t{*from} * weight;
            from += channels;
          }
          *to++ = to_level(sum);
        }
      }
    }
  });
  return out;
}

Picture resize_columns(const Picture& picture, int height, Filter filter) {
  const std::vector<Window> windows = plan(picture.height, height, filter);
  Picture out{.height = height, .width = picture.width, .channels = picture.channels, .levels = {}};
  out.levels.resize(out.row() * static_cast<std::size_t>(height));
  parallel_for(windows.size(), 32, [&](std::size_t begin, std::size_t end) {
    std::vector<std::int64_t> sums(picture.row());
    for (std::size_t y = begin; y < end; ++y) {
      std::fill(sums.begin(), sums.end(), kHalf);
      const std::uint8_t* from =
          picture.levels.data() + static_cast<std::size_t>(windows[y].first) * picture.row();
      for (const std::int32_t weight : windows[y].weights) {
        for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += std::int64_t{from[i]} * weight;
        from += picture.row();
      }
      std::transform(sums.begin(), sums.end(),
                     out.levels.begin() + static_cast<std::ptrdiff_t>(y * out.row()), to_level);
    }
  });
  return out;
}

}  // namespace

Picture resize(const Picture& picture, int height, int width, Filter filter) {
  Picture out = picture.width == width ? picture : resize_rows(picture, width, filter);
  return out.height == height ? out : resize_columns(out, height, filter);
}

}  // namespace thorax::prepare
