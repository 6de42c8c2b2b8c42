#include "volume/distance.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "base/parallel.h"

namespace thorax::volume {
namespace {

constexpr float kFar = std::numeric_limits<float>::infinity();

/// Lower envelope of parabolas along one line: f(p) = min_q (step (p - q))^2 + f(q).
class LineTransform {
 public:
  LineTransform(int longest, double step)
      : step2_(step * step),
        vertex_(static_cast<std::size_t>(longest)),
        border_(static_cast<std::size_t>(longest) + 1),
        half_inverse_(static_cast<std::size_t>(longest)) {
    for (std::size_t d = 1; d < half_inverse_.size(); ++d)
      half_inverse_[d] = 0.5 / static_cast<double>(d);
  }

  void run(std::span<const float> line, std::span<float> out) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    const double inverse = 1 / step2_;
    const std::size_t n = line.size();
    std::size_t held = 0;  // parabolas of the envelope
    for (std::size_t q = 0; q < n; ++q) {
      if (line[q] == kFar) continue;
      const auto fq = static_cast<double>(line[q]);
      double s = -kInfinity;
      for (; held > 0; --held) {
        const std::size_t v = vertex_[held - 1];
        s = ((fq - static_cast<double>(line[v])) * inverse + static_cast<double>(q * q - v * v)) *
            half_inverse_[q - v];
        if (s > border_[held - 1]) break;
      }
      vertex_[held] = q;
      border_[held] = held == 0 ? -kInfinity : s;
      border_[++held] = kInfinity;
    }
    if (held == 0) {  // nothing on this line yet
      std::ranges::copy(line, out.begin());
      return;
    }
    for (std::size_t p = 0, i = 0; p < n; ++p) {
      while (border_[i + 1] < static_cast<double>(p)) ++i;
      const std::size_t v = vertex_[i];
      const double d = static_cast<double>(p) - static_cast<double>(v);
      out[p] = static_cast<float>(d * d * step2_ + static_cast<double>(line[v]));
    }
  }

 private:
  const double step2_;
  std::vector<std::size_t> vertex_;
  std::vector<double> border_, half_inverse_;
};

/// The transform along columns `stride` apart in memory, several side by side at a time: their
/// neighbours share what is read.
class ColumnTransform {
 public:
  ColumnTransform(int longest, double step)
      : line_(longest, step),
        length_(static_cast<std::size_t>(longest)),
        from_(kAtATime * length_),
        to_(kAtATime * length_) {}

  /// Columns `first`, `first` + 1, …, `count` of them.
  void run(float* first, int count, std::ptrdiff_t stride) {
    for (int done = 0; done < count; done += kAtATime) {
      const auto some = static_cast<std::size_t>(std::min(kAtATime, count - done));
      float* const at = first + done;
      for (std::size_t q = 0; q < length_; ++q)
        for (std::size_t j = 0; j < some; ++j)
          from_[j * length_ + q] =
              at[static_cast<std::ptrdiff_t>(q) * stride + static_cast<std::ptrdiff_t>(j)];
      for (std::size_t j = 0; j < some; ++j)
        line_.run(std::span(from_).subspan(j * length_, length_),
                  std::span(to_).subspan(j * length_, length_));
      for (std::size_t q = 0; q < length_; ++q)
        for (std::size_t j = 0; j < some; ++j)
          at[static_cast<std::ptrdiff_t>(q) * stride + static_cast<std::ptrdiff_t>(j)] =
              to_[j * length_ + q];
    }
  }

 private:
  static constexpr int kAtATime = 16;
  LineTransform line_;
  std::size_t length_;
  std::vector<float> from_, to_;
};

/// Squared distances along one row: voxels since the last one that is set, from both ends.
void transform_row(const std::uint8_t* set, float* out, int n, double step) {
  const double step2 = step * step;
  int last = -1;
  for (int x = 0; x < n; ++x) {
    if (set[x]) last = x;
    const double d = x - last;
    out[x] = last < 0 ? kFar : static_cast<float>(d * d * step2);
  }
  last = -1;
  for (int x = n - 1; x >= 0; --x) {
    if (set[x]) last = x;
    const double d = last - x;
    if (last >= 0) out[x] = std::min(out[x], static_cast<float>(d * d * step2));
  }
}

}  // namespace

Volume<float> squared_distance_to(const Mask& mask) {
  const Grid& grid = mask.grid();
  const Shape& shape = grid.shape;
  Volume<float> out(grid);
  const auto nz = static_cast<std::size_t>(shape.z), ny = static_cast<std::size_t>(shape.y);
  const auto row = static_cast<std::ptrdiff_t>(shape.x);

  parallel_for(nz, 1, [&](std::size_t z0, std::size_t z1) {
    ColumnTransform columns(shape.y, grid.spacing.y);
    for (int z = static_cast<int>(z0); z < static_cast<int>(z1); ++z) {
      for (int y = 0; y < shape.y; ++y)
        transform_row(&mask(z, y, 0), &out(z, y, 0), shape.x, grid.spacing.x);
      columns.run(&out(z, 0, 0), shape.x, row);
    }
  });
  parallel_for(ny, 4, [&](std::size_t y0, std::size_t y1) {
    ColumnTransform columns(shape.z, grid.spacing.z);
    for (std::size_t y = y0; y < y1; ++y)
      columns.run(&out(0, static_cast<int>(y), 0), shape.x, row * shape.y);
  });
  return out;
}

Volume<float> distance_to(const Mask& mask) {
  Volume<float> out = squared_distance_to(mask);
  parallel_for(out.size(), 1U << 18, [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) out[i] = std::sqrt(out[i]);
  });
  return out;
}

}  // namespace thorax::volume
