#include "measure/pericardium.h"

#include "volume/components.h"
#include "volume/distance.h"
#include "volume/filter.h"
#include "volume/morphology.h"

namespace thorax::measure {
namespace {

using volume::Grid;
using volume::Mask;

constexpr double kReach = 16;                  // mm around the heart
constexpr double kTopBelowCarina = 35;         // mm; above lie vessels side by side
constexpr float kShellFrom = 2, kShellTo = 8;  // mm from the lung
constexpr double kSmoothing = 1;               // mm
constexpr std::int16_t kLeastHu = -10, kMostHu = 28;
constexpr std::int16_t kEdgeHu = -300;  // water mixed with lung
constexpr double kEffusionShare = 0.35;
constexpr double kLeastMl = 5;

}  // namespace

PericardialFluid find_pericardial_fluid(const HeartRegion& heart) {
  const Grid& grid = heart.hu.grid();
  PericardialFluid fluid;
  fluid.mask = Mask(grid);
  Mask lung(grid);
  for (std::size_t i = 0; i < lung.size(); ++i)
    lung[i] = heart.anatomy[i] == kLeftLung || heart.anatomy[i] == kRightLung;
  const auto from_lung = volume::distance_to(lung);
  const Mask near = volume::dilate(heart.heart, kReach);
  const volume::CtVolume smooth = volume::gaussian(heart.hu, kSmoothing);
  const int top = heart.carina_z - static_cast<int>(kTopBelowCarina / grid.spacing.z);
  Mask water(grid), edge(grid);
  double shell = 0, wet = 0;
  for (int z = heart.dome_z; z <= top; ++z)
    for (int y = 0; y < grid.shape.y; ++y)
      for (int x = 0; x < grid.shape.x; ++x) {
        const std::size_t i = grid.offset(z, y, x);
        if (!near[i] || heart.anatomy[i] != kNoAnatomy) continue;
        water[i] = smooth[i] >= kLeastHu && smooth[i] <= kMostHu;
        edge[i] = smooth[i] >= kEdgeHu && smooth[i] <= kMostHu;
        if (from_lung[i] > kShellFrom && from_lung[i] <= kShellTo) {
          ++shell;
          wet += water[i];
        }
      }
  fluid.shell_share = shell > 0 ? wet / shell : 0;
  if (fluid.shell_share < kEffusionShare) return fluid;
  constexpr int kPockets = 4;
  const Mask pockets = volume::largest_components(
      water, kPockets, static_cast<std::size_t>(kLeastMl / grid.voxel_ml()));
  const Mask grown = volume::dilate(pockets, static_cast<double>(kShellFrom));
  for (std::size_t i = 0; i < grown.size(); ++i)
    fluid.mask[i] = pockets[i] || (grown[i] && edge[i] && from_lung[i] <= kShellFrom);
  return fluid;
}

}  // namespace thorax::measure
