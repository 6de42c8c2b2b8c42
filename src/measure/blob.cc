#include "measure/blob.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "base/parallel.h"
#include "volume/filter.h"
#include "volume/resample.h"

namespace thorax::measure {
namespace {

using volume::CtVolume;
using volume::Grid;
using volume::Index;
using volume::Mask;

// Eigenvalues of a symmetric 3 x 3 matrix, ascending (trigonometric solution of the cubic).
std::array<double, 3> eigenvalues(double xx, double yy, double zz, double xy, double xz,
                                  double yz) {
  const double off = xy * xy + xz * xz + yz * yz;
  const double mean = (xx + yy + zz) / 3;
  const double a = xx - mean, b = yy - mean, c = zz - mean;
  const double p = std::sqrt((a * a + b * b + c * c + 2 * off) / 6);
  if (p == 0) return {mean, mean, mean};
  const double det =
      (a * (b * c - yz * yz) - xy * (xy * c - yz * xz) + xz * (xy * yz - b * xz)) / (2 * p * p * p);
  const double angle = std::acos(std::clamp(det, -1.0, 1.0)) / 3;
  const double high = mean + 2 * p * std::cos(angle);
  const double low = mean + 2 * p * std::cos(angle + 2 * std::numbers::pi / 3);
  return {low, 3 * mean - high - low, high};
}

// Central second differences reach over `step`, which flattens a peak of width sigma when step is
// not small against it. This factor restores the curvature of a Gaussian peak of that width.
double step_correction(double step, double sigma) {
  const double u = step * step / (2 * sigma * sigma);
  return u / -std::expm1(-u);
}

class DotFilter {
 public:
  DotFilter(const CtVolume& smooth, double sigma) : smooth_(smooth), sigma2_(sigma * sigma) {
    const auto& s = smooth.grid().spacing;
    // The smoothed picture of a matching ball is wider than the kernel by about sqrt(2).
    const double width = sigma * std::numbers::sqrt2;
    xx_ = step_correction(s.x, width) / (s.x * s.x);
    yy_ = step_correction(s.y, width) / (s.y * s.y);
    zz_ = step_correction(s.z, width) / (s.z * s.z);
    xy_ = std::sqrt(xx_ * yy_) / 4;
    xz_ = std::sqrt(xx_ * zz_) / 4;
    yz_ = std::sqrt(yy_ * zz_) / 4;
  }

  // `i` must not lie on the border of the grid.
  float response(std::size_t i) const {
    const auto& shape = smooth_.shape();
    const auto dy = static_cast<std::size_t>(shape.x);
    const auto dz = dy * static_cast<std::size_t>(shape.y);
    const std::int16_t* v = smooth_.data() + i;
    const auto at = [&](int z, int y, int x) {
      return static_cast<double>(
          v[static_cast<std::ptrdiff_t>(dz) * z + static_cast<std::ptrdiff_t>(dy) * y + x]);
    };
    const double twice = 2 * at(0, 0, 0);
    const double xx = (at(0, 0, 1) + at(0, 0, -1) - twice) * xx_;
    const double yy = (at(0, 1, 0) + at(0, -1, 0) - twice) * yy_;
    const double zz = (at(1, 0, 0) + at(-1, 0, 0) - twice) * zz_;
    if (xx >= 0 || yy >= 0 || zz >= 0) return 0;
    const double xy = (at(0, 1, 1) + at(0, -1, -1) - at(0, 1, -1) - at(0, -1, 1)) * xy_;
    const double xz = (at(1, 0, 1) + at(-1, 0, -1) - at(1, 0, -1) - at(-1, 0, 1)) * xz_;
    const double yz = (at(1, 1, 0) + at(-1, -1, 0) - at(1, -1, 0) - at(-1, 1, 0)) * yz_;
    const auto lambda = eigenvalues(xx, yy, zz, xy, xz, yz);
    if (lambda[2] >= 0) return 0;
    return static_cast<float>(lambda[2] * lambda[2] / -lambda[0] * sigma2_);
  }

 private:
  const CtVolume& smooth_;
  double sigma2_;
  double xx_, yy_, zz_, xy_, xz_, yz_;
};

bool is_local_maximum(const volume::Volume<float>& response, Index at) {
  const auto& grid = response.grid();
  const std::size_t centre = grid.offset(at);
  const float value = response[centre];
  for (int dz = -1; dz <= 1; ++dz)
    for (int dy = -1; dy <= 1; ++dy)
      for (int dx = -1; dx <= 1; ++dx) {
        const std::size_t other = grid.offset(at.z + dz, at.y + dy, at.x + dx);
        // Of equal neighbours the first in memory is the maximum.
        if (other != centre &&
            (response[other] > value || (response[other] == value && other < centre)))
          return false;
      }
  return true;
}

std::vector<Blob> blobs_of_scale(const CtVolume& field, const Mask& allowed, double sigma,
                                 double min_response, std::size_t per_scale) {
  const Grid& grid = field.grid();
  const auto& shape = grid.shape;
  if (shape.z < 3 || shape.y < 3 || shape.x < 3) return {};
  const CtVolume smooth = volume::gaussian(field, sigma);
  const DotFilter filter(smooth, sigma);
  volume::Volume<float> response(grid);
  const auto inner = static_cast<std::size_t>(shape.z - 2);
  parallel_for(inner, 1, [&](std::size_t begin, std::size_t end) {
    for (int z = static_cast<int>(begin) + 1; z <= static_cast<int>(end); ++z)
      for (int y = 1; y + 1 < shape.y; ++y)
        for (int x = 1; x + 1 < shape.x; ++x) {
          const std::size_t i = grid.offset(z, y, x);
          if (allowed[i]) response[i] = filter.response(i);
        }
  });

  std::vector<std::vector<Blob>> found(inner);
  parallel_for(inner, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) {
      const int z = static_cast<int>(row) + 1;
      for (int y = 1; y + 1 < shape.y; ++y)
        for (int x = 1; x + 1 < shape.x; ++x) {
          const float value = response(z, y, x);
          if (static_cast<double>(value) >= min_response && is_local_maximum(response, {z, y, x}))
            found[row].push_back(
                {grid.position(z, y, x), sigma * std::numbers::sqrt3, static_cast<double>(value)});
        }
    }
  });
  std::vector<Blob> all;
  for (const auto& row : found) all.insert(all.end(), row.begin(), row.end());
  std::stable_sort(all.begin(), all.end(),
                   [](const Blob& a, const Blob& b) { return a.response > b.response; });
  if (all.size() > per_scale) all.resize(per_scale);
  return all;
}

// A coarse voxel is allowed when any of its space is.
Mask shrink_mask(const Mask& mask, const Grid& target) {
  Mask shrunk(target);
  const Grid& grid = mask.grid();
  const auto coarse = [](double index, int size) {
    return std::clamp(static_cast<int>(std::lround(index)), 0, size - 1);
  };
  for (int z = 0; z < grid.shape.z; ++z)
    for (int y = 0; y < grid.shape.y; ++y)
      for (int x = 0; x < grid.shape.x; ++x)
        if (mask(z, y, x)) {
          const auto at = target.index(grid.position(z, y, x));
          shrunk(coarse(at[0], target.shape.z), coarse(at[1], target.shape.y),
                 coarse(at[2], target.shape.x)) = 1;
        }
  return shrunk;
}

constexpr double kReach = 0.8;  ///< share of the radius inside which two blobs are one

struct Level {
  double voxel_mm;  ///< 0: the grid as it is
  std::vector<double> sigmas;
};

// A structure answers at several scales and a large one also at its bumps: of two blobs whose
// centres lie within the larger one's reach the stronger stays (responses are scale-normalised).
std::vector<Blob> strongest(std::vector<Blob> blobs) {
  std::stable_sort(blobs.begin(), blobs.end(),
                   [](const Blob& a, const Blob& b) { return a.response > b.response; });
  std::vector<Blob> kept;
  for (const Blob& blob : blobs) {
    const bool covered = std::any_of(kept.begin(), kept.end(), [&](const Blob& stronger) {
      return norm(stronger.position - blob.position) <
             kReach *
                 std::max(stronger.radius_mm, std::min(blob.radius_mm, stronger.radius_mm * 2));
    });
    if (!covered) kept.push_back(blob);
  }
  return kept;
}

}  // namespace

std::vector<Blob> find_blobs(const CtVolume& field, const Mask& allowed, double min_response,
                             std::size_t per_scale) {
  // Steps of sqrt(2): a ball between two scales loses under 5 % of its response.
  static const std::array<Level, 3> levels{
      {{0, {1.2, 1.7}}, {2, {2.4, 3.4, 4.8}}, {4, {6.8, 9.6, 13.6}}}};
  std::vector<Blob> all;
  for (const auto& level : levels) {
    CtVolume coarse;
    Mask coarse_allowed;
    if (level.voxel_mm > 0) {
      const Grid grid = volume::isotropic_grid(field.grid(), level.voxel_mm);
      coarse = volume::shrink_mean(field, grid);
      coarse_allowed = shrink_mask(allowed, grid);
    }
    const CtVolume& values = coarse.empty() ? field : coarse;
    const Mask& where = coarse.empty() ? allowed : coarse_allowed;
    for (const double sigma : level.sigmas) {
      const auto scale = blobs_of_scale(values, where, sigma, min_response, per_scale);
      all.insert(all.end(), scale.begin(), scale.end());
    }
  }
  return strongest(std::move(all));
}

}  // namespace thorax::measure
