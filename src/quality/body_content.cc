#include "quality/body_content.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/parallel.h"

namespace thorax::quality {
namespace {

using volume::Grid;

/// For each voxel of one axis of the fine grid, the nearest voxel of the coarse one.
std::vector<int> nearest(int count, double origin, double spacing, int coarse_count,
                         double coarse_origin, double coarse_spacing) {
  std::vector<int> map(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i)
    map[static_cast<std::size_t>(i)] = std::clamp(
        static_cast<int>(std::lround((origin + i * spacing - coarse_origin) / coarse_spacing)), 0,
        coarse_count - 1);
  return map;
}

struct CoarseMap {
  std::vector<int> z, y, x;
  CoarseMap(const Grid& fine, const Grid& coarse)
      : z(nearest(fine.shape.z, fine.origin.z, fine.spacing.z, coarse.shape.z, coarse.origin.z,
                  coarse.spacing.z)),
        y(nearest(fine.shape.y, fine.origin.y, fine.spacing.y, coarse.shape.y, coarse.origin.y,
                  coarse.spacing.y)),
        x(nearest(fine.shape.x, fine.origin.x, fine.spacing.x, coarse.shape.x, coarse.origin.x,
                  coarse.spacing.x)) {}
};

/// Slice `z` averaged over the coarse grid's columns and rows.
std::vector<float> block_means(const volume::CtVolume& hu, int z, const CoarseMap& map,
                               const Grid& coarse) {
  const std::size_t cells =
      static_cast<std::size_t>(coarse.shape.y) * static_cast<std::size_t>(coarse.shape.x);
  std::vector<float> sum(cells, 0.0F), count(cells, 0.0F);
  for (int y = 0; y < hu.shape().y; ++y)
    for (int x = 0; x < hu.shape().x; ++x) {
      const auto cell = static_cast<std::size_t>(map.y[static_cast<std::size_t>(y)]) *
                            static_cast<std::size_t>(coarse.shape.x) +
                        static_cast<std::size_t>(map.x[static_cast<std::size_t>(x)]);
      sum[cell] += static_cast<float>(hu(z, y, x));
      count[cell] += 1;
    }
  for (std::size_t i = 0; i < cells; ++i) sum[i] /= std::max(1.0F, count[i]);
  return sum;
}

}  // namespace

double metal_ml(const intake::LoadedVolume& ct, const LungSurvey& lungs, double metal_hu) {
  const CoarseMap map(ct.hu.grid(), lungs.hu.grid());
  const volume::Shape shape = ct.hu.shape();
  std::vector<std::size_t> dense(static_cast<std::size_t>(shape.z), 0);
  parallel_for(dense.size(), 8, [&](std::size_t begin, std::size_t end) {
    for (std::size_t z = begin; z < end; ++z)
      for (int y = 0; y < shape.y; ++y)
        for (int x = 0; x < shape.x; ++x)
          if (ct.hu(static_cast<int>(z), y, x) > metal_hu)
            dense[z] += lungs.body(map.z[z], map.y[static_cast<std::size_t>(y)],
                                   map.x[static_cast<std::size_t>(x)]);
  });
  return static_cast<double>(std::accumulate(dense.begin(), dense.end(), std::size_t{0})) *
         ct.hu.grid().voxel_ml();
}

std::optional<double> heart_hu(const LungSurvey& lungs) {
  constexpr std::size_t kFewest = 200;
  const Grid& grid = lungs.hu.grid();
  std::vector<std::int16_t> found;
  for (int z = 0; z < grid.shape.z; ++z) {
    const double mm = grid.origin.z + z * grid.spacing.z - lungs.low_mm;
    if (mm < 0.25 * lungs.height_mm || mm > 0.5 * lungs.height_mm) continue;
    int front = grid.shape.y, back = -1;
    for (int y = 0; y < grid.shape.y; ++y)
      for (int x = 0; x < grid.shape.x; ++x)
        if (lungs.lungs(z, y, x)) {
          front = std::min(front, y);
          back = y;
        }
    for (int y = front; y < back - (back - front) / 3; ++y) {
      int first = -1, last = -1;
      for (int x = 0; x < grid.shape.x; ++x)
        if (lungs.lungs(z, y, x)) {
          if (first < 0) first = x;
          last = x;
        }
      for (int x = std::max(0, first); x < last; ++x)
        if (!lungs.lungs(z, y, x) && lungs.hu(z, y, x) > 0 && lungs.hu(z, y, x) < 700)
          found.push_back(lungs.hu(z, y, x));
    }
  }
  if (found.size() < kFewest) return std::nullopt;
  const auto upper = found.begin() + static_cast<std::ptrdiff_t>(found.size() * 3 / 4);
  std::nth_element(found.begin(), upper, found.end());
  return *upper;
}

std::optional<StepReport> slice_steps(const intake::LoadedVolume& ct, const LungSurvey& lungs) {
  constexpr double kThickestMm = 3.5;  // thicker slices differ by anatomy alone
  constexpr float kEdgeHu = 60;
  const Grid& fine = ct.hu.grid();
  const Grid& coarse = lungs.hu.grid();
  if (fine.spacing.z > kThickestMm || lungs.height_mm <= 0) return std::nullopt;
  const CoarseMap map(fine, coarse);
  const auto slice_at = [&](double mm) {
    return static_cast<int>(std::lround((mm - fine.origin.z) / fine.spacing.z));
  };
  const int low = std::max(1, slice_at(lungs.low_mm));
  const int high = std::min(fine.shape.z - 2, slice_at(lungs.high_mm));
  if (high - low < 10) return std::nullopt;
  std::vector<std::vector<float>> means(static_cast<std::size_t>(high - low + 3));
  parallel_for(means.size(), 4, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
      means[i] = block_means(ct.hu, low - 1 + static_cast<int>(i), map, coarse);
  });
  std::vector<double> ratios;
  for (int z = low; z <= high; ++z) {
    const auto k = static_cast<std::size_t>(z - low);
    const std::vector<float>&below = means[k], &here = means[k + 1], &above = means[k + 2];
    const auto body = lungs.body.slice(map.z[static_cast<std::size_t>(z)]);
    double bend = 0, change = 0;
    for (std::size_t i = 0; i < here.size(); ++i) {
      const float across = std::abs(above[i] - below[i]);
      const float away = std::abs(here[i] - (above[i] + below[i]) / 2);
      if (!body[i] || std::max(across, away) < kEdgeHu) continue;
      bend += static_cast<double>(away);
      change += static_cast<double>(across) / 2;
    }
    if (change > 0) ratios.push_back(bend / change);
  }
  if (ratios.empty()) return std::nullopt;
  StepReport report;
  report.slices = static_cast<int>(ratios.size());
  report.displaced = static_cast<int>(
      std::count_if(ratios.begin(), ratios.end(), [](double r) { return r > kDisplaced; }));
  const auto middle = ratios.begin() + static_cast<std::ptrdiff_t>(ratios.size() / 2);
  std::nth_element(ratios.begin(), middle, ratios.end());
  report.median = *middle;
  return report;
}

}  // namespace thorax::quality
