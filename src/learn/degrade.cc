#include "learn/degrade.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>

#include "prepare/picture_resize.h"

namespace thorax::learn {
namespace {

constexpr int kBlock = 8;
using Block = std::array<float, kBlock * kBlock>;

/// Row k is the cosine of frequency k, orthonormal.
const Block& cosines() {
  static const Block table = [] {
    Block values{};
    for (int k = 0; k < kBlock; ++k)
      for (int n = 0; n < kBlock; ++n)
        values[static_cast<std::size_t>(k * kBlock + n)] =
            static_cast<float>(std::sqrt((k == 0 ? 1.0 : 2.0) / kBlock) *
                               std::cos(std::numbers::pi * (2 * n + 1) * k / (2.0 * kBlock)));
    return values;
  }();
  return table;
}

/// out = a b, or a b^T, of 8x8 matrices.
void multiply(const Block& a, const Block& b, bool transpose, Block& out) {
  constexpr std::size_t kSide = kBlock;
  for (std::size_t i = 0; i < kSide; ++i)
    for (std::size_t j = 0; j < kSide; ++j) {
      float sum = 0;
      for (std::size_t k = 0; k < kSide; ++k)
        sum += a[i * kSide + k] * (transpose ? b[j * kSide + k] : b[k * kSide + j]);
      out[i * kSide + j] = sum;
    }
}

Block transposed(const Block& a) {
  Block out{};
  for (std::size_t i = 0; i < kBlock; ++i)
    for (std::size_t j = 0; j < kBlock; ++j) out[j * kBlock + i] = a[i * kBlock + j];
  return out;
}

/// ITU-T T.81, table K.1.
constexpr std::array<int, kBlock* kBlock> kLuminance = {
    16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,
    14, 13, 16, 24, 40,  57,  69,  56,  14, 17, 22, 29, 51,  87,  80,  62,
    18, 22, 37, 56, 68,  109, 103, 77,  24, 35, 55, 64, 81,  104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99};

Block quantisation(int quality) {
  const int scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  Block steps{};
  for (std::size_t i = 0; i < steps.size(); ++i)
    steps[i] = static_cast<float>(std::clamp((kLuminance[i] * scale + 50) / 100, 1, 255));
  return steps;
}

void blur_lines(Grey& picture, const std::vector<float>& weights, bool columns) {
  const int size = picture.size, radius = static_cast<int>(weights.size()) / 2;
  std::vector<float> line(static_cast<std::size_t>(size + 2 * radius));
  for (int i = 0; i < size; ++i) {
    for (int k = 0; k < size + 2 * radius; ++k) {
      const int from = std::clamp(k - radius, 0, size - 1);
      line[static_cast<std::size_t>(k)] = columns ? picture.at(from, i) : picture.at(i, from);
    }
    for (int k = 0; k < size; ++k) {
      float sum = 0;
      for (std::size_t w = 0; w < weights.size(); ++w)
        sum += weights[w] * line[static_cast<std::size_t>(k) + w];
      (columns ? picture.at(k, i) : picture.at(i, k)) = sum;
    }
  }
}

prepare::Picture levels_of(const Grey& picture) {
  prepare::Picture out{.height = picture.size, .width = picture.size, .channels = 1, .levels = {}};
  out.levels.reserve(picture.values.size());
  for (const float value : picture.values)
    out.levels.push_back(static_cast<std::uint8_t>(std::clamp(value, 0.0F, 1.0F) * 255 + 0.5F));
  return out;
}

}  // namespace

void blur(Grey& picture, double sigma) {
  if (sigma < 0.1) return;
  const int radius = static_cast<int>(std::ceil(3 * sigma));
  std::vector<float> weights;
  double sum = 0;
  for (int k = -radius; k <= radius; ++k) sum += std::exp(-0.5 * k * k / (sigma * sigma));
  for (int k = -radius; k <= radius; ++k)
    weights.push_back(static_cast<float>(std::exp(-0.5 * k * k / (sigma * sigma)) / sum));
  blur_lines(picture, weights, false);
  blur_lines(picture, weights, true);
}

void detail(Grey& picture, double factor, double sigma) {
  Grey smooth = picture;
  blur(smooth, sigma);
  for (std::size_t i = 0; i < picture.values.size(); ++i)
    picture.values[i] = std::clamp(
        smooth.values[i] + static_cast<float>(factor) * (picture.values[i] - smooth.values[i]),
        0.0F, 1.0F);
}

void sharpen(Grey& picture, double share) {
  detail(picture, 1 + share, 1);
}

void rescale(Grey& picture, double scale, bool cubic) {
  const int small = std::max(1, static_cast<int>(std::lround(scale * picture.size)));
  const prepare::Filter filter = cubic ? prepare::Filter::bicubic : prepare::Filter::bilinear;
  const prepare::Picture back =
      prepare::resize(prepare::resize(levels_of(picture), small, small, filter), picture.size,
                      picture.size, filter);
  for (std::size_t i = 0; i < picture.values.size(); ++i)
    picture.values[i] = static_cast<float>(back.levels[i]) / 255;
}

void add_noise(Grey& picture, double sigma, bool counting, Random& random) {
  for (float& value : picture.values) {
    const double width =
        counting ? sigma * std::sqrt(2 * static_cast<double>(std::max(value, 0.0F))) : sigma;
    value = std::clamp(value + static_cast<float>(width * random.bell()), 0.0F, 1.0F);
  }
}

void jpeg(Grey& picture, int quality) {
  const Block steps = quantisation(quality), &cosine = cosines(), inverse = transposed(cosines());
  Block block{}, half{}, frequencies{};
  for (int top = 0; top < picture.size; top += kBlock)
    for (int left = 0; left < picture.size; left += kBlock) {
      const auto each = [&](const auto& body) {
        for (int y = 0; y < kBlock; ++y)
          for (int x = 0; x < kBlock; ++x)
            body(block[static_cast<std::size_t>(y * kBlock + x)], top + y, left + x);
      };
      each([&](float& value, int y, int x) {  // edges are repeated to whole blocks
        value =
            picture.at(std::min(y, picture.size - 1), std::min(x, picture.size - 1)) * 255 - 128;
      });
      multiply(cosine, block, false, half);
      multiply(half, cosine, true, frequencies);
      for (std::size_t i = 0; i < frequencies.size(); ++i)
        frequencies[i] = std::nearbyint(frequencies[i] / steps[i]) * steps[i];
      multiply(inverse, frequencies, false, half);
      multiply(half, inverse, true, block);
      each([&](float& value, int y, int x) {
        if (y < picture.size && x < picture.size)
          picture.at(y, x) = std::clamp(std::nearbyint(value + 128), 0.0F, 255.0F) / 255;
      });
    }
}

void frame(Grey& picture, int top, int bottom, int left, int right, float level) {
  const int size = picture.size;
  for (int y = 0; y < size; ++y)
    for (int x = 0; x < size; ++x)
      if (y < top || y >= size - bottom || x < left || x >= size - right) picture.at(y, x) = level;
}

void mark(Grey& picture, double top, double left, double height) {
  // In shares of the letter's height: where it begins, and from there to its end.
  struct Stroke {
    double y, x, dy, dx;
  };
  constexpr std::array<Stroke, 7> kStrokes{{{0, 0, 1, 0},
                                            {0, 0, 0, 0.4},
                                            {0, 0.4, 0.12, 0.18},
                                            {0.12, 0.58, 0.26, 0},
                                            {0.38, 0.58, 0.12, -0.18},
                                            {0.5, 0.4, 0, -0.4},
                                            {0.5, 0.25, 0.5, 0.35}}};
  constexpr double kHalfWidth = 0.07;
  const auto distance = [&](const Stroke& stroke, double y, double x) {
    const double along = std::clamp(((y - stroke.y) * stroke.dy + (x - stroke.x) * stroke.dx) /
                                        (stroke.dy * stroke.dy + stroke.dx * stroke.dx),
                                    0.0, 1.0);
    return std::hypot(y - stroke.y - along * stroke.dy, x - stroke.x - along * stroke.dx);
  };
  const double pixels = height * picture.size;
  for (int row = 0; row < picture.size; ++row)
    for (int column = 0; column < picture.size; ++column) {
      const double y = (row - top * picture.size) / pixels,
                   x = (column - left * picture.size) / pixels;
      if (y < -0.2 || y > 1.2 || x < -0.2 || x > 0.8) continue;
      double nearest = 1;
      for (const Stroke& stroke : kStrokes) nearest = std::min(nearest, distance(stroke, y, x));
      // One pixel from white to nothing.
      const double white = std::clamp((kHalfWidth - nearest) * pixels + 0.5, 0.0, 1.0);
      float& value = picture.at(row, column);
      value += static_cast<float>(white) * (1 - value);
    }
}

void crop(Grey& picture, double rows, double columns) {
  Warp by;
  by.yy = 1 - 2 * rows;
  by.xx = 1 - 2 * columns;
  warp(picture, by, true);
}

void tone(Grey& picture, double contrast, double brightness, double gamma) {
  // Powers are slow; the result is read at 256 levels anyway.
  std::array<float, 256> powers{};
  for (std::size_t i = 0; i < powers.size(); ++i)
    powers[i] = static_cast<float>(std::pow(static_cast<double>(i) / 255, gamma));
  for (float& value : picture.values) {
    const double moved = (static_cast<double>(value) - 0.5) * contrast + 0.5 + brightness;
    value = powers[static_cast<std::size_t>(std::clamp(moved, 0.0, 1.0) * 255 + 0.5)];
  }
}

void bend(Grey& picture, std::span<const double> slopes) {
  std::vector<double> knots{0};
  for (const double slope : slopes) knots.push_back(knots.back() + slope);
  for (float& value : picture.values) {
    const double at =
        std::clamp(static_cast<double>(value), 0.0, 1.0) * static_cast<double>(slopes.size());
    const std::size_t piece = std::min(static_cast<std::size_t>(at), slopes.size() - 1);
    value = static_cast<float>((knots[piece] + (at - static_cast<double>(piece)) * slopes[piece]) /
                               knots.back());
  }
}

void equalise(Grey& picture, double share) {
  std::array<double, 256> below{};
  const auto level = [](float value) {
    return static_cast<std::size_t>(std::clamp(value, 0.0F, 1.0F) * 255 + 0.5F);
  };
  for (const float value : picture.values) below[level(value)] += 1;
  std::partial_sum(below.begin(), below.end(), below.begin());
  for (float& value : picture.values)
    value += static_cast<float>(share *
                                (below[level(value)] / below.back() - static_cast<double>(value)));
}

void flatten(Grey& picture, double share) {
  // What is that smooth survives a picture of a quarter of the size.
  Grey smooth = picture;
  const int small = std::max(1, picture.size / 4);
  const prepare::Picture reduced =
      prepare::resize(levels_of(picture), small, small, prepare::Filter::bilinear);
  smooth.size = small;
  smooth.values.assign(reduced.levels.begin(), reduced.levels.end());
  for (float& value : smooth.values) value /= 255;
  blur(smooth, small / 8.0);
  const prepare::Picture whole =
      prepare::resize(levels_of(smooth), picture.size, picture.size, prepare::Filter::bilinear);
  double sum = 0;
  for (const std::uint8_t value : whole.levels) sum += value;
  const double mean = sum / static_cast<double>(whole.levels.size());
  for (std::size_t i = 0; i < picture.values.size(); ++i)
    picture.values[i] = std::clamp(
        picture.values[i] - static_cast<float>(share * (whole.levels[i] - mean) / 255), 0.0F, 1.0F);
}

void warp(Grey& picture, const Warp& by, bool repeat) {
  const Grey source = picture;
  const int size = picture.size, last = size - 1;
  const double centre = last / 2.0;
  for (int y = 0; y < size; ++y)
    for (int x = 0; x < size; ++x) {
      const double v = y - centre, u = x - centre;
      double sy = by.yy * v + by.yx * u + centre + by.shift_y,
             sx = by.xy * v + by.xx * u + centre + by.shift_x;
      if (!repeat && (sy < -0.5 || sy > last + 0.5 || sx < -0.5 || sx > last + 0.5)) {
        picture.at(y, x) = 0;
        continue;
      }
      sy = std::clamp(sy, 0.0, static_cast<double>(last));
      sx = std::clamp(sx, 0.0, static_cast<double>(last));
      const int y0 = static_cast<int>(sy), x0 = static_cast<int>(sx);
      const int y1 = std::min(y0 + 1, last), x1 = std::min(x0 + 1, last);
      const auto fy = static_cast<float>(sy - y0), fx = static_cast<float>(sx - x0);
      const float upper = source.at(y0, x0) + fx * (source.at(y0, x1) - source.at(y0, x0));
      const float lower = source.at(y1, x0) + fx * (source.at(y1, x1) - source.at(y1, x0));
      picture.at(y, x) = upper + fy * (lower - upper);
    }
}

}  // namespace thorax::learn
