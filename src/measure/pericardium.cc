#include "measure/pericardium.h"

#include <algorithm>

#include "base/parallel.h"
#include "measure/pericardium_rays.h"
#include "measure/pleura_border.h"

namespace thorax::measure {
namespace {

constexpr double kEffusionShare = 0.35;
constexpr double kLeastJudged = 0.2;
constexpr int kTissueLow = -150, kTissueHigh = 150;  // neither lung nor bone
constexpr int kBrightestHu = 32;                     // vessels and muscle are above

}  // namespace

PericardialFluid find_pericardial_fluid(const volume::CtVolume& hu, const volume::Labels& anatomy,
                                        const HeartRegion& heart) {
  const volume::Grid& grid = hu.grid();
  PericardialFluid fluid{volume::Mask(grid), 0};
  const PericardialLayer layer = find_pericardial_layer(hu, anatomy, heart);
  fluid.wet_share = layer.wet_share;
  if (layer.judged_share < kLeastJudged || layer.wet_share < kEffusionShare) return fluid;
  double reach = 0;
  for (std::size_t i = 0; i < layer.radius.size(); ++i) reach = std::max(reach, layer.radius[i]);
  parallel_for(static_cast<std::size_t>(grid.shape.z), 1, [&](std::size_t from, std::size_t to) {
    for (int z = static_cast<int>(from); z < static_cast<int>(to); ++z)
      for (int y = 0; y < grid.shape.y; ++y)
        for (int x = 0; x < grid.shape.x; ++x) {
          const std::size_t i = grid.offset(z, y, x);
          if (anatomy[i] != kNoAnatomy && anatomy[i] != kHeart) continue;
          const volume::Vec3 v = grid.position(z, y, x) - layer.centre;
          if (dot(v, v) > reach * reach) continue;
          const double depth = layer.radius.at(v) - PericardialLayer::kSheetsMm - norm(v);
          if (depth < 0 || depth > layer.thickness.at(v)) continue;
          fluid.mask[i] =
              mean_around(hu, z, y, x, kTissueLow, kTissueHigh, kTissueHigh) < kBrightestHu;
        }
  });
  return fluid;
}

}  // namespace thorax::measure
