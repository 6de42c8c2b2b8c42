#include "quality/noise.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace thorax::quality {
namespace {

constexpr double kBlockMm = 6;
constexpr int kMostSlices = 40;
constexpr std::size_t kFewestBlocks = 50;
constexpr double kModeShare = 0.3;

struct Block {
  double deviation = 0;
  double neighbour = 0;  ///< correlation of pixels side by side and above each other
};

struct Collected {
  std::vector<Block> tissue;
  std::vector<double> air;
};

/// One n x n block at (y0, x0) of slice z.
struct BlockSums {
  double mean = 0, variance = 0, covariance = 0;
  std::int16_t low = 0;
};

BlockSums sum_block(const volume::CtVolume& hu, int z, int y0, int x0, int n) {
  BlockSums sums;
  sums.low = hu(z, y0, x0);
  const double count = static_cast<double>(n) * n;
  for (int y = y0; y < y0 + n; ++y)
    for (int x = x0; x < x0 + n; ++x) {
      sums.mean += hu(z, y, x) / count;
      sums.low = std::min(sums.low, hu(z, y, x));
    }
  const double pairs = 2.0 * n * (n - 1);
  for (int y = y0; y < y0 + n; ++y)
    for (int x = x0; x < x0 + n; ++x) {
      const double v = hu(z, y, x) - sums.mean;
      sums.variance += v * v / count;
      if (x + 1 < x0 + n) sums.covariance += v * (hu(z, y, x + 1) - sums.mean) / pairs;
      if (y + 1 < y0 + n) sums.covariance += v * (hu(z, y + 1, x) - sums.mean) / pairs;
    }
  return sums;
}

void collect_slice(const intake::LoadedVolume& ct, const LungSurvey& lungs, int z, int n,
                   Collected& out) {
  const volume::Grid& grid = ct.hu.grid();
  const volume::Grid& coarse = lungs.hu.grid();
  for (int y = 0; y + n <= grid.shape.y; y += n)
    for (int x = 0; x + n <= grid.shape.x; x += n) {
      const auto at = coarse.index(grid.position(z, y + (n - 1) / 2.0, x + (n - 1) / 2.0));
      const int cz = std::clamp(static_cast<int>(std::lround(at[0])), 0, coarse.shape.z - 1);
      const int cy = std::clamp(static_cast<int>(std::lround(at[1])), 0, coarse.shape.y - 1);
      const int cx = std::clamp(static_cast<int>(std::lround(at[2])), 0, coarse.shape.x - 1);
      const std::int16_t nearby = lungs.hu(cz, cy, cx);
      const bool in_body = lungs.body(cz, cy, cx) != 0;
      const bool tissue = in_body && nearby > -40 && nearby < 130;
      const bool air =
          !in_body && nearby < -940 && (lungs.outside.empty() || !lungs.outside(cz, cy, cx));
      if (!tissue && !air) continue;
      const BlockSums sums = sum_block(ct.hu, z, y, x, n);
      if (sums.variance <= 0) continue;
      if (tissue && sums.mean > -20 && sums.mean < 110)
        out.tissue.push_back({std::sqrt(sums.variance), sums.covariance / sums.variance});
      // Scanners clip at -1024; noise that touches the floor is cut in half.
      if (air && sums.low > -1023) out.air.push_back(std::sqrt(sums.variance));
    }
}

/// First block of the shortest interval that holds kModeShare of the blocks sorted by deviation.
std::size_t mode_start(const std::vector<Block>& sorted, std::size_t width) {
  std::size_t best = 0;
  for (std::size_t i = 0; i + width <= sorted.size(); ++i)
    if (sorted[i + width - 1].deviation - sorted[i].deviation <
        sorted[best + width - 1].deviation - sorted[best].deviation)
      best = i;
  return best;
}

}  // namespace

NoiseReport measure_noise(const intake::LoadedVolume& ct, const LungSurvey& lungs) {
  NoiseReport report;
  const volume::Grid& grid = ct.hu.grid();
  if (lungs.height_mm <= 0) return report;
  const int n = std::max(5, static_cast<int>(std::lround(kBlockMm / grid.spacing.x)));
  const auto slice_at = [&](double mm) {
    return std::clamp(static_cast<int>(std::lround((mm - grid.origin.z) / grid.spacing.z)), 0,
                      grid.shape.z - 1);
  };
  const int low = slice_at(lungs.low_mm), high = slice_at(lungs.high_mm);
  const int step = std::max(1, (high - low + 1) / kMostSlices);
  Collected blocks;
  for (int z = low; z <= high; z += step) collect_slice(ct, lungs, z, n, blocks);
  report.blocks = blocks.tissue.size();
  if (blocks.air.size() >= kFewestBlocks) {
    const auto middle = blocks.air.begin() + static_cast<std::ptrdiff_t>(blocks.air.size() / 2);
    std::nth_element(blocks.air.begin(), middle, blocks.air.end());
    report.air_hu = *middle;
  }
  if (blocks.tissue.size() < kFewestBlocks) return report;
  std::stable_sort(blocks.tissue.begin(), blocks.tissue.end(),
                   [](const Block& a, const Block& b) { return a.deviation < b.deviation; });
  const auto width = static_cast<std::size_t>(kModeShare * static_cast<double>(report.blocks));
  const std::size_t first = mode_start(blocks.tissue, width);
  report.soft_tissue_hu =
      (blocks.tissue[first].deviation + blocks.tissue[first + width - 1].deviation) / 2;
  double likeness = 0;
  for (std::size_t i = first; i < first + width; ++i)
    likeness += blocks.tissue[i].neighbour / static_cast<double>(width);
  // Removing each block's mean lowers correlations by about 1 / (n * n); put that back.
  likeness = std::clamp(likeness + 1.0 / (n * n), 0.0, 0.99);
  report.correlation_mm = likeness > 0.01 ? grid.spacing.x / std::sqrt(-std::log(likeness)) : 0.0;
  return report;
}

}  // namespace thorax::quality
