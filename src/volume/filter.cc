#include "volume/filter.h"

#include <cmath>

#include "base/parallel.h"
#include "volume/rounding.h"

namespace thorax::volume {
namespace {

/// Half of a symmetric, normalised kernel: weights[0] is the centre.
std::vector<float> gaussian_weights(double sigma_mm, double spacing_mm) {
  if (sigma_mm <= 0 || spacing_mm > 3 * sigma_mm) return {1.0F};
  const int radius = std::max(1, static_cast<int>(std::ceil(3 * sigma_mm / spacing_mm)));
  std::vector<double> weights;
  double sum = 0;
  for (int i = 0; i <= radius; ++i) {
    const double d = i * spacing_mm / sigma_mm;
    weights.push_back(std::exp(-0.5 * d * d));
    sum += (i == 0 ? 1 : 2) * weights.back();
  }
  std::vector<float> out;
  for (const double w : weights) out.push_back(static_cast<float>(w / sum));
  return out;
}

/// out = source convolved along rows of `width` lines that lie `stride` apart, `n` of them, all
/// contiguous lines treated side by side so that the inner loop runs over memory.
template <class T>
void smooth_lines(const T* source, T* out, int n, std::size_t stride, std::size_t width,
                  const std::vector<float>& weights, std::vector<float>& sums) {
  sums.resize(width);
  for (int i = 0; i < n; ++i) {
    std::fill(sums.begin(), sums.end(), 0.0F);
    for (std::size_t k = 0; k < weights.size(); ++k) {
      const int offsets[2] = {static_cast<int>(k), -static_cast<int>(k)};
      for (int side = 0; side < (k == 0 ? 1 : 2); ++side) {
        const int j = std::clamp(i + offsets[side], 0, n - 1);
        const T* line = source + static_cast<std::size_t>(j) * stride;
        for (std::size_t x = 0; x < width; ++x) sums[x] += weights[k] * static_cast<float>(line[x]);
      }
    }
    T* to = out + static_cast<std::size_t>(i) * stride;
    for (std::size_t x = 0; x < width; ++x) to[x] = to_voxel<T>(sums[x]);
  }
}

template <class T>
void smooth_row(const T* source, T* out, int n, const std::vector<float>& weights,
                std::vector<float>& padded) {
  const int radius = static_cast<int>(weights.size()) - 1;
  padded.resize(static_cast<std::size_t>(n + 2 * radius));
  for (int i = -radius; i < n + radius; ++i)
    padded[static_cast<std::size_t>(i + radius)] =
        static_cast<float>(source[std::clamp(i, 0, n - 1)]);
  for (int i = 0; i < n; ++i) {
    const float* centre = &padded[static_cast<std::size_t>(i + radius)];
    float sum = weights[0] * centre[0];
    for (int k = 1; k <= radius; ++k)
      sum += weights[static_cast<std::size_t>(k)] * (centre[k] + centre[-k]);
    out[i] = to_voxel<T>(sum);
  }
}

template <class T>
Volume<T> smooth(const Volume<T>& source, double sigma_mm) {
  const Grid& grid = source.grid();
  const auto wx = gaussian_weights(sigma_mm, grid.spacing.x);
  const auto wy = gaussian_weights(sigma_mm, grid.spacing.y);
  const auto wz = gaussian_weights(sigma_mm, grid.spacing.z);
  const auto nx = static_cast<std::size_t>(grid.shape.x);
  const std::size_t slice = nx * static_cast<std::size_t>(grid.shape.y);
  Volume<T> in_plane(grid);
  parallel_for(static_cast<std::size_t>(grid.shape.z), 1, [&](std::size_t z0, std::size_t z1) {
    std::vector<T> rows(slice);
    std::vector<float> work;
    for (std::size_t z = z0; z < z1; ++z) {
      const T* from = source.data() + z * slice;
      for (int y = 0; y < grid.shape.y; ++y)
        smooth_row(from + static_cast<std::size_t>(y) * nx,
                   rows.data() + static_cast<std::size_t>(y) * nx, grid.shape.x, wx, work);
      smooth_lines(rows.data(), in_plane.data() + z * slice, grid.shape.y, nx, nx, wy, work);
    }
  });
  if (wz.size() == 1) return in_plane;
  Volume<T> out(grid);
  parallel_for(static_cast<std::size_t>(grid.shape.y), 8, [&](std::size_t y0, std::size_t y1) {
    std::vector<float> work;
    smooth_lines(in_plane.data() + y0 * nx, out.data() + y0 * nx, grid.shape.z, slice,
                 (y1 - y0) * nx, wz, work);
  });
  return out;
}

}  // namespace

Volume<float> gaussian(const Volume<float>& source, double sigma_mm) {
  return smooth(source, sigma_mm);
}
CtVolume gaussian(const CtVolume& source, double sigma_mm) {
  return smooth(source, sigma_mm);
}

CtVolume median_axial(const CtVolume& source) {
  const Shape shape = source.shape();
  CtVolume out(source.grid());
  parallel_for(static_cast<std::size_t>(shape.z), 1, [&](std::size_t z0, std::size_t z1) {
    for (std::size_t zi = z0; zi < z1; ++zi) {
      const int z = static_cast<int>(zi);
      for (int y = 0; y < shape.y; ++y) {
        const std::int16_t* rows[3] = {&source(z, std::max(0, y - 1), 0), &source(z, y, 0),
                                       &source(z, std::min(shape.y - 1, y + 1), 0)};
        for (int x = 0; x < shape.x; ++x) {
          const int xs[3] = {std::max(0, x - 1), x, std::min(shape.x - 1, x + 1)};
          std::array<std::int16_t, 9> values{};
          std::size_t n = 0;
          for (const std::int16_t* row : rows)
            for (const int sx : xs) values[n++] = row[sx];
          std::nth_element(values.begin(), values.begin() + 4, values.end());
          out(z, y, x) = values[4];
        }
      }
    }
  });
  return out;
}

}  // namespace thorax::volume
