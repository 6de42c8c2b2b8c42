#include "volume/distance.h"

#include <limits>

#include "base/parallel.h"

namespace thorax::volume {
namespace {

constexpr float kFar = std::numeric_limits<float>::infinity();

/// Lower envelope of parabolas along one line: f(p) = min_q (step (p - q))^2 + f(q).
class LineTransform {
 public:
  explicit LineTransform(int longest)
      : value_(static_cast<std::size_t>(longest)),
        vertex_(static_cast<std::size_t>(longest)),
        border_(static_cast<std::size_t>(longest) + 1) {}

  void run(float* line, std::ptrdiff_t stride, int n, double step) {
    const double step2 = step * step;
    int k = -1;
    for (int q = 0; q < n; ++q) {
      const double fq = static_cast<double>(line[q * stride]);
      value_[static_cast<std::size_t>(q)] = fq;
      if (fq == static_cast<double>(kFar)) continue;
      double s = 0;
      while (k >= 0) {
        const int v = vertex_[static_cast<std::size_t>(k)];
        s = ((fq - value_[static_cast<std::size_t>(v)]) / step2 +
             (static_cast<double>(q) * q - static_cast<double>(v) * v)) /
            (2.0 * (q - v));
        if (s > border_[static_cast<std::size_t>(k)]) break;
        --k;
      }
      ++k;
      vertex_[static_cast<std::size_t>(k)] = q;
      border_[static_cast<std::size_t>(k)] = k == 0 ? -std::numeric_limits<double>::infinity() : s;
      border_[static_cast<std::size_t>(k) + 1] = std::numeric_limits<double>::infinity();
    }
    if (k < 0) return;  // nothing on this line yet
    for (int p = 0, i = 0; p < n; ++p) {
      while (border_[static_cast<std::size_t>(i) + 1] < p) ++i;
      const int v = vertex_[static_cast<std::size_t>(i)];
      line[p * stride] = static_cast<float>(static_cast<double>(p - v) * (p - v) * step2 +
                                            value_[static_cast<std::size_t>(v)]);
    }
  }

 private:
  std::vector<double> value_;
  std::vector<int> vertex_;
  std::vector<double> border_;
};

}  // namespace

Volume<float> distance_to(const Mask& mask) {
  const Grid& grid = mask.grid();
  const Shape& shape = grid.shape;
  Volume<float> out(grid, kFar);
  const auto nz = static_cast<std::size_t>(shape.z), ny = static_cast<std::size_t>(shape.y);
  const auto row = static_cast<std::ptrdiff_t>(shape.x);

  parallel_for(nz, 1, [&](std::size_t z0, std::size_t z1) {
    LineTransform line(std::max(shape.x, shape.y));
    for (std::size_t z = z0; z < z1; ++z) {
      for (int y = 0; y < shape.y; ++y) {
        const std::uint8_t* from = &mask(static_cast<int>(z), y, 0);
        float* to = &out(static_cast<int>(z), y, 0);
        for (int x = 0; x < shape.x; ++x)
          if (from[x]) to[x] = 0;
        line.run(to, 1, shape.x, grid.spacing.x);
      }
      for (int x = 0; x < shape.x; ++x)
        line.run(&out(static_cast<int>(z), 0, x), row, shape.y, grid.spacing.y);
    }
  });
  parallel_for(ny, 4, [&](std::size_t y0, std::size_t y1) {
    LineTransform line(shape.z);
    for (std::size_t y = y0; y < y1; ++y)
      for (int x = 0; x < shape.x; ++x)
        line.run(&out(0, static_cast<int>(y), x), row * shape.y, shape.z, grid.spacing.z);
  });
  parallel_for(out.size(), 1U << 18, [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) out[i] = std::sqrt(out[i]);
  });
  return out;
}

}  // namespace thorax::volume
