#include "prepare/area_resize.h"

#include <algorithm>
#include <cmath>

namespace thorax::prepare {

// Pixel d covers [d s, d s + s): whole pixels inside, a part of those at its ends.
std::vector<AreaResize::Pixel> AreaResize::area(int from, int to) {
  constexpr double kSliver = 1e-3;  // parts smaller than this are dropped
  const double scale = static_cast<double>(from) / to;
  std::vector<Pixel> pixels;
  for (int d = 0; d < to; ++d) {
    const double begin = d * scale, end = begin + scale;
    const double cell = std::min(scale, from - begin);
    int first = static_cast<int>(std::ceil(begin));
    const int last = std::min(static_cast<int>(std::floor(end)), from - 1);
    first = std::min(first, last);
    Pixel pixel{.first = static_cast<std::size_t>(first), .weights = {}};
    if (first - begin > kSliver) {
      --pixel.first;
      pixel.weights.push_back(static_cast<float>((first - begin) / cell));
    }
    for (int s = first; s < last; ++s) pixel.weights.push_back(static_cast<float>(1 / cell));
    if (end - last > kSliver) {
      pixel.weights.push_back(static_cast<float>(std::min({end - last, 1.0, cell}) / cell));
    }
    pixels.push_back(std::move(pixel));
  }
  return pixels;
}

std::vector<AreaResize::Pixel> AreaResize::linear(int from, int to) {
  const double scale = static_cast<double>(from) / to;
  std::vector<Pixel> pixels;
  for (int d = 0; d < to; ++d) {
    const int left = static_cast<int>(std::floor(d * scale));
    auto share = static_cast<float>((d + 1) - (left + 1) / scale);
    share = share <= 0 ? 0 : share - std::floor(share);
    if (left >= from - 1) {
      pixels.push_back({.first = static_cast<std::size_t>(from - 1), .weights = {1.F}});
    } else {
      pixels.push_back({.first = static_cast<std::size_t>(left), .weights = {1 - share, share}});
    }
  }
  return pixels;
}

AreaResize::AreaResize(int height, int width, int new_height, int new_width)
    : width_(static_cast<std::size_t>(width)),
      shrinks_(new_height <= height && new_width <= width) {
  rows_ = shrinks_ ? area(height, new_height) : linear(height, new_height);
  columns_ = shrinks_ ? area(width, new_width) : linear(width, new_width);
  if (shrinks_ && height % new_height == 0 && width % new_width == 0) {
    block_height_ = static_cast<std::size_t>(height / new_height);
    block_width_ = static_cast<std::size_t>(width / new_width);
  }
}

void AreaResize::operator()(std::span<const std::uint8_t> levels,
                            std::span<std::uint8_t> out) const {
  if (block_height_ > 0) return blocks(levels, out);
  if (!shrinks_) return interpolate(levels, out);
  std::vector<float> values(levels.begin(), levels.end()), sums(out.size()), rows;
  (*this)(values, sums, rows);
  std::transform(sums.begin(), sums.end(), out.begin(), [](float sum) {
    return static_cast<std::uint8_t>(std::clamp(std::nearbyint(sum), 0.F, 255.F));
  });
}

void AreaResize::blocks(std::span<const std::uint8_t> levels, std::span<std::uint8_t> out) const {
  const std::size_t area = block_height_ * block_width_;
  const auto share = static_cast<float>(1.0 / static_cast<double>(area));
  std::size_t i = 0;
  for (std::size_t y = 0; y < rows_.size(); ++y)
    for (std::size_t x = 0; x < columns_.size(); ++x) {
      int sum = 0;
      for (std::size_t k = 0; k < area; ++k)
        sum += levels[(y * block_height_ + k / block_width_) * width_ + x * block_width_ +
                      k % block_width_];
      out[i++] = static_cast<std::uint8_t>(
          block_height_ == 2 && block_width_ == 2
              ? (sum + 2) >> 2
              : static_cast<int>(std::nearbyint(static_cast<float>(sum) * share)));
    }
}

void AreaResize::interpolate(std::span<const std::uint8_t> levels,
                             std::span<std::uint8_t> out) const {
  constexpr float kUnit = 2048;
  const auto weight = [](const Pixel& pixel, std::size_t k) {
    return k < pixel.weights.size() ? static_cast<int>(std::nearbyint(pixel.weights[k] * kUnit))
                                    : 0;
  };
  const auto along_row = [&](std::size_t y, const Pixel& column) {
    int sum = 0;
    for (std::size_t k = 0; k < column.weights.size(); ++k)
      sum += weight(column, k) * levels[y * width_ + column.first + k];
    return sum;
  };
  std::size_t i = 0;
  for (const Pixel& row : rows_)
    for (const Pixel& column : columns_) {
      const int above = along_row(row.first, column);
      const int below = row.weights.size() > 1 ? along_row(row.first + 1, column) : 0;
      out[i++] = static_cast<std::uint8_t>(
          (((weight(row, 0) * (above >> 4)) >> 16) + ((weight(row, 1) * (below >> 4)) >> 16) + 2) >>
          2);
    }
}

void AreaResize::operator()(std::span<const float> picture, std::span<float> out,
                            std::vector<float>& rows) const {
  const std::size_t height = picture.size() / width_, columns = columns_.size();
  rows.resize(height * columns);
  for (std::size_t y = 0; y < height; ++y) {
    const float* const from = picture.data() + y * width_;
    for (std::size_t d = 0; d < columns; ++d) {
      const Pixel& pixel = columns_[d];
      float sum = 0;
      for (std::size_t k = 0; k < pixel.weights.size(); ++k) {
        sum += from[pixel.first + k] * pixel.weights[k];
      }
      rows[y * columns + d] = sum;
    }
  }
  for (std::size_t d = 0; d < rows_.size(); ++d) {
    const Pixel& pixel = rows_[d];
    float* const to = out.data() + d * columns;
    std::fill(to, to + columns, 0.F);
    for (std::size_t k = 0; k < pixel.weights.size(); ++k) {
      const float* const from = rows.data() + (pixel.first + k) * columns;
      for (std::size_t x = 0; x < columns; ++x) to[x] += from[x] * pixel.weights[k];
    }
  }
}

}  // namespace thorax::prepare
