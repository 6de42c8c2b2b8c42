#include "intake/phantom_noise.h"

#include <cmath>
#include <vector>

#include "intake/phantom_shapes.h"

namespace thorax::intake::phantom {
namespace {

std::vector<float> gaussian_taps(double sigma_pixels) {
  const int radius = std::max(1, static_cast<int>(std::ceil(3 * sigma_pixels)));
  std::vector<float> taps;
  double sum = 0;
  for (int i = -radius; i <= radius; ++i) {
    const double value = std::exp(-0.5 * i * i / (sigma_pixels * sigma_pixels));
    taps.push_back(static_cast<float>(value));
    sum += value;
  }
  for (float& tap : taps) tap = static_cast<float>(static_cast<double>(tap) / sum);
  return taps;
}

/// Separable convolution, edges replicated.
void convolve(std::span<float> plane, int size, const std::vector<float>& taps) {
  const int radius = static_cast<int>(taps.size() / 2);
  const auto n = static_cast<std::size_t>(size);
  std::vector<float> padded(n + taps.size());
  std::vector<float> rows(plane.size());
  for (std::size_t y = 0; y < n; ++y) {
    const float* row = plane.data() + y * n;
    for (int x = -radius; x < size + radius; ++x)
      padded[static_cast<std::size_t>(x + radius)] = row[std::clamp(x, 0, size - 1)];
    float* out = rows.data() + y * n;
    std::fill_n(out, n, 0.0f);
    for (std::size_t k = 0; k < taps.size(); ++k)
      for (std::size_t x = 0; x < n; ++x) out[x] += taps[k] * padded[x + k];
  }
  for (int y = 0; y < size; ++y) {
    float* out = plane.data() + static_cast<std::size_t>(y) * n;
    std::fill_n(out, n, 0.0f);
    for (int k = -radius; k <= radius; ++k) {
      const float* row = rows.data() + static_cast<std::size_t>(std::clamp(y + k, 0, size - 1)) * n;
      const float tap = taps[static_cast<std::size_t>(k + radius)];
      for (std::size_t x = 0; x < n; ++x) out[x] += tap * row[x];
    }
  }
}

/// Deviation of white noise of deviation 1 after a separable filter minus `keep` of itself:
/// of a * identity + b * (taps x taps).
double filtered_deviation(const std::vector<float>& taps, double a, double b) {
  double square = 0;
  for (const float tap : taps) square += static_cast<double>(tap) * static_cast<double>(tap);
  const double middle = static_cast<double>(taps[taps.size() / 2]);
  return std::sqrt(a * a + 2 * a * b * middle * middle + b * b * square * square);
}

struct Shape {
  double sigma_mm;
  double direct, blurred;  ///< weights of the plane itself and of the blurred plane
};
constexpr Shape kSoftSpread{0.45, 0, 1}, kSharpSpread{0.9, 1.7, -0.7};
constexpr Shape kSoftGrain{0.62, 0, 1}, kSharpGrain{0.9, 1, -0.85};

/// Returns the taps used.
std::vector<float> filter(std::span<float> plane, int size, double pixel_mm, const Shape& shape) {
  std::vector<float> taps = gaussian_taps(std::max(0.2, shape.sigma_mm / pixel_mm));
  if (shape.direct == 0) {
    convolve(plane, size, taps);
    return taps;
  }
  std::vector<float> blurred(plane.begin(), plane.end());
  convolve(blurred, size, taps);
  for (std::size_t i = 0; i < plane.size(); ++i)
    plane[i] = static_cast<float>(shape.direct * static_cast<double>(plane[i]) +
                                  shape.blurred * static_cast<double>(blurred[i]));
  return taps;
}

}  // namespace

void apply_kernel(std::span<float> plane, int size, double pixel_mm, PhantomKernel kernel) {
  filter(plane, size, pixel_mm, kernel == PhantomKernel::soft ? kSoftSpread : kSharpSpread);
}

void add_noise(std::span<float> plane, int size, double pixel_mm, PhantomKernel kernel,
               double deviation_hu, std::uint64_t seed) {
  if (deviation_hu <= 0) return;
  std::vector<float> grain(plane.size());
  for (std::size_t i = 0; i < grain.size(); ++i) grain[i] = gauss_at(seed, i);
  const Shape& shape = kernel == PhantomKernel::soft ? kSoftGrain : kSharpGrain;
  const std::vector<float> taps = filter(grain, size, pixel_mm, shape);
  const auto gain =
      static_cast<float>(deviation_hu / filtered_deviation(taps, shape.direct, shape.blurred));
  for (std::size_t i = 0; i < plane.size(); ++i) plane[i] += gain * grain[i];
}

}  // namespace thorax::intake::phantom
