#include "measure/calcification.h"

#include <algorithm>
#include <vector>

#include "volume/statistics.h"

namespace thorax::measure {
namespace {

using volume::CtVolume;
using volume::Grid;
using volume::Mask;

constexpr double kAgatstonHu = 130;
constexpr double kLeastArea = 1;       // mm^2
constexpr double kReferenceSlice = 3;  // mm
constexpr double kLargeArea = 40;      // mm^2
constexpr double kPaleHu = 220;        // mean of an area
constexpr double kEdgeMm = 3;          // fat keeps the coronaries farther from the lung
constexpr int kLungHu = -500;
constexpr double kInsideShare = 0.7;  // of an area's pixels
constexpr double kUnenhancedBlood = 70, kNoiseFactor = 4, kHighestThreshold = 200;  // HU

int weight_of(int peak) {
  return peak >= 400 ? 4 : peak >= 300 ? 3 : peak >= 200 ? 2 : 1;
}

struct Area {
  std::vector<std::size_t> pixels;  // offsets in the volume
  std::size_t inside = 0;
  int peak = 0;
  double sum = 0;
};

// Plaque is dense or small and lies in fat or muscle; the beating edge of the heart is pale, and
// large or drawn along the lung.
bool is_motion(const CtVolume& hu, const Area& area, double mm2) {
  if (area.sum >= kPaleHu * static_cast<double>(area.pixels.size())) return false;
  if (mm2 > kLargeArea) return true;
  const Grid& grid = hu.grid();
  const int ry = static_cast<int>(kEdgeMm / grid.spacing.y);
  const int rx = static_cast<int>(kEdgeMm / grid.spacing.x);
  const auto beside_lung = [&](std::size_t i) {
    const volume::Index at = grid.at(i);
    for (int y = std::max(0, at.y - ry); y <= std::min(grid.shape.y - 1, at.y + ry); ++y)
      for (int x = std::max(0, at.x - rx); x <= std::min(grid.shape.x - 1, at.x + rx); ++x)
        if (hu(at.z, y, x) < kLungHu) return true;
    return false;
  };
  const auto edge = std::count_if(area.pixels.begin(), area.pixels.end(), beside_lung);
  return 2 * static_cast<std::size_t>(edge) > area.pixels.size();
}

// The area of connected dense pixels (8 neighbours) around a seed on its slice.
Area grow(const CtVolume& hu, const Mask& region, double threshold, int z, int y, int x,
          std::vector<std::uint8_t>& seen) {
  const Grid& grid = hu.grid();
  Area area;
  std::vector<std::pair<int, int>> stack{{y, x}};
  const auto visit = [&](int yy, int xx) {
    if (yy < 0 || xx < 0 || yy >= grid.shape.y || xx >= grid.shape.x) return;
    std::uint8_t& mark = seen[static_cast<std::size_t>(yy * grid.shape.x + xx)];
    if (mark || hu(z, yy, xx) < threshold) return;
    mark = 1;
    stack.emplace_back(yy, xx);
  };
  seen[static_cast<std::size_t>(y * grid.shape.x + x)] = 1;
  while (!stack.empty()) {
    const auto [cy, cx] = stack.back();
    stack.pop_back();
    const std::size_t i = grid.offset(z, cy, cx);
    area.pixels.push_back(i);
    area.inside += region[i];
    area.peak = std::max<int>(area.peak, hu[i]);
    area.sum += hu[i];
    for (int dy = -1; dy <= 1; ++dy)
      for (int dx = -1; dx <= 1; ++dx) visit(cy + dy, cx + dx);
  }
  return area;
}

}  // namespace

CalciumScore score_calcium(const CtVolume& hu, const Mask& region, double threshold_hu,
                           FindingLabel label, volume::Labels& findings) {
  const Grid& grid = hu.grid();
  const double pixel = grid.spacing.x * grid.spacing.y;
  CalciumScore score;
  std::vector<std::uint8_t> seen;
  for (int z = 0; z < grid.shape.z; ++z) {
    seen.clear();
    for (int y = 0; y < grid.shape.y; ++y)
      for (int x = 0; x < grid.shape.x; ++x) {
        if (!region(z, y, x) || hu(z, y, x) < threshold_hu) continue;
        if (seen.empty()) seen.resize(static_cast<std::size_t>(grid.shape.y * grid.shape.x));
        if (seen[static_cast<std::size_t>(y * grid.shape.x + x)]) continue;
        const Area area = grow(hu, region, threshold_hu, z, y, x, seen);
        const auto pixels = static_cast<double>(area.pixels.size());
        if (pixels * pixel < kLeastArea || is_motion(hu, area, pixels * pixel) ||
            static_cast<double>(area.inside) < kInsideShare * pixels)
          continue;
        score.agatston += pixels * pixel * weight_of(area.peak);
        score.volume_mm3 += pixels * pixel * grid.spacing.z;
        ++score.lesions;
        for (const std::size_t i : area.pixels) findings[i] = label;
      }
  }
  score.agatston *= grid.spacing.z / kReferenceSlice;
  return score;
}

CalciumThreshold calcium_threshold(const CtVolume& hu, const Mask& heart,
                                   const CtContext& context) {
  const Text enhanced{
      "after contrast medium calcium cannot be told from blood that is as bright; it takes a scan "
      "without contrast",
      "после контрастирования кальций неотличим от столь же яркой крови; нужно исследование без "
      "контраста"};
  const volume::HuHistogram density = volume::histogram(hu, &heart);
  if (density.total() == 0)
    return {std::nullopt,
            {"the heart could not be outlined", "сердце не удалось выделить на изображении"}};
  if (context.contrast) return {std::nullopt, enhanced};
  const double blood = density.percentile(50);
  // The upper half of the spread: fat pulls the lower one down.
  const double noise = density.percentile(84) - blood;
  if (blood > kUnenhancedBlood) return {std::nullopt, enhanced};
  const double threshold = std::max(kAgatstonHu, blood + kNoiseFactor * noise);
  if (threshold > kHighestThreshold)
    return {std::nullopt,
            {"image noise is as bright as calcium", "шум изображения сравним с яркостью кальция"}};
  return {threshold, {}};
}

}  // namespace thorax::measure
