#include "prepare/body_part_slices.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/parallel.h"

namespace thorax::prepare {
namespace {

constexpr double kSigma = 0.8 * 0.25;  // pixels of the result
constexpr double kKernelSigmas = 3;    // where the kernel is cut

// A result pixel is a weighted sum of two blurred pixels, and so of a run of original ones: blur
// and resampling of an axis in one table. Both are linear and separable.
struct Axis {
  struct Pixel {
    std::ptrdiff_t first = 0;
    std::vector<double> weights;
  };
  std::vector<Pixel> pixels;  // of the whole resampled axis
  std::ptrdiff_t offset = 0;  // of the result's first pixel on it; negative where padded
};

std::vector<double> kernel_of(double sigma) {
  const auto radius = static_cast<std::ptrdiff_t>(kKernelSigmas * sigma + 0.5);
  std::vector<double> kernel;
  double sum = 0;
  for (std::ptrdiff_t k = -radius; k <= radius; ++k) {
    const double x = static_cast<double>(k) / sigma;
    kernel.push_back(std::exp(-0.5 * x * x));
    sum += kernel.back();
  }
  for (double& weight : kernel) weight /= sum;
  return kernel;
}

// Mirrored about the outer edges, the edge pixel twice.
std::ptrdiff_t mirrored(std::ptrdiff_t at, std::ptrdiff_t count) {
  at %= 2 * count;
  if (at < 0) at += 2 * count;
  return at < count ? at : 2 * count - 1 - at;
}

Axis plan(int count, double spacing, const BodyPartSliceOptions& options) {
  const auto resampled = static_cast<std::ptrdiff_t>(count / (options.spacing / spacing) + 0.5);
  if (resampled < 1) {
    throw Error("bad_network_input"_code, {{"network", "Body Part Regression"},
                                           {"shape", std::to_string(count)},
                                           {"detail", std::to_string(spacing) + " mm"}});
  }
  const double factor = static_cast<double>(resampled) / count;
  const std::vector<double> kernel = kernel_of(kSigma / factor);
  const auto radius = std::ssize(kernel) / 2;
  Axis axis;
  // An axis that is too long loses its ends alike; one that is too short gains them alike.
  axis.offset =
      resampled > options.size ? (resampled - options.size) / 2 : -((options.size - resampled) / 2);
  for (std::ptrdiff_t i = 0; i < resampled; ++i) {
    const double centre = (static_cast<double>(i) + 0.5) / factor - 0.5;
    const double inside = std::clamp(centre, 0.0, static_cast<double>(count - 1));
    const auto left = std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(inside), count - 1);
    const std::ptrdiff_t right = std::min<std::ptrdiff_t>(left + 1, count - 1);
    const double share = inside - static_cast<double>(left);
    Axis::Pixel pixel;
    const std::ptrdiff_t first = std::max<std::ptrdiff_t>(0, left - radius);
    const std::ptrdiff_t last = std::min<std::ptrdiff_t>(count - 1, right + radius);
    pixel.first = first;
    pixel.weights.assign(static_cast<std::size_t>(last - first + 1), 0);
    for (std::ptrdiff_t k = -radius; k <= radius; ++k) {
      const double weight = kernel[static_cast<std::size_t>(k + radius)];
      for (const auto& [at, part] : {std::pair{left, 1 - share}, std::pair{right, share}}) {
        // The mirrored places of a kernel wider than the axis fall inside it all the same.
        const std::ptrdiff_t place = mirrored(at + k, count);
        pixel.weights[static_cast<std::size_t>(std::clamp(place, first, last) - first)] +=
            weight * part;
      }
    }
    axis.pixels.push_back(std::move(pixel));
  }
  return axis;
}

template <class T>
NetworkInput prepare(const volume::Volume<T>& hu, const BodyPartSliceOptions& options) {
  if (options.step < 1)
    throw Error("bad_option"_code,
                {{"option", "step"}, {"value", std::to_string(options.step)}, {"hint", ">= 1"}});
  const volume::Grid& grid = hu.grid();
  const int slices = (grid.shape.z + options.step - 1) / options.step;
  const Axis columns = plan(grid.shape.x, grid.spacing.x, options);
  const Axis rows = plan(grid.shape.y, grid.spacing.y, options);
  const auto size = static_cast<std::ptrdiff_t>(options.size);
  NetworkInput input = make_input({slices, 1, size, size});
  const auto width = static_cast<std::size_t>(grid.shape.x);
  const double scale = 2 / (options.high - options.low);
  const auto slice = [&](std::size_t z, std::vector<float>& level, std::vector<float>& narrow) {
    const std::span<const T> source = hu.slice(static_cast<int>(z) * options.step);
    for (std::size_t i = 0; i < source.size(); ++i) {
      const double value = std::clamp(static_cast<double>(source[i]), options.low, options.high);
      level[i] = static_cast<float>((value - options.low) * scale - 1);
    }
    float* const out = input.values.get() + z * static_cast<std::size_t>(size * size);
    std::fill(out, out + size * size, -1.F);
    for (std::ptrdiff_t x = 0; x < size; ++x) {
      const std::ptrdiff_t from_x = x + columns.offset;
      if (from_x < 0 || from_x >= std::ssize(columns.pixels)) continue;
      const Axis::Pixel& column = columns.pixels[static_cast<std::size_t>(from_x)];
      for (std::size_t y = 0; y < narrow.size(); ++y) {
        const float* from = level.data() + y * width + column.first;
        double sum = 0;
        for (std::size_t k = 0; k < column.weights.size(); ++k) {
          sum += column.weights[k] * static_cast<double>(from[k]);
        }
        narrow[y] = static_cast<float>(sum);
      }
      for (std::ptrdiff_t y = 0; y < size; ++y) {
        const std::ptrdiff_t from_y = y + rows.offset;
        if (from_y < 0 || from_y >= std::ssize(rows.pixels)) continue;
        const Axis::Pixel& row = rows.pixels[static_cast<std::size_t>(from_y)];
        double sum = 0;
        for (std::size_t k = 0; k < row.weights.size(); ++k) {
          sum +=
              row.weights[k] * static_cast<double>(narrow[static_cast<std::size_t>(row.first) + k]);
        }
        out[x * size + y] = static_cast<float>(sum);
      }
    }
  };
  parallel_for(static_cast<std::size_t>(slices), 8, [&](std::size_t begin, std::size_t end) {
    std::vector<float> level(static_cast<std::size_t>(grid.shape.y) * width);
    std::vector<float> narrow(static_cast<std::size_t>(grid.shape.y));
    for (std::size_t z = begin; z < end; ++z) slice(z, level, narrow);
  });
  return input;
}

}  // namespace

NetworkInput prepare_body_part_slices(const volume::CtVolume& hu,
                                      const BodyPartSliceOptions& options) {
  return prepare(hu, options);
}

NetworkInput prepare_body_part_slices(const volume::Volume<float>& hu,
                                      const BodyPartSliceOptions& options) {
  return prepare(hu, options);
}

}  // namespace thorax::prepare
