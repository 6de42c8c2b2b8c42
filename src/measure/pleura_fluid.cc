#include "measure/pleura_fluid.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "measure/lungs_grow.h"
#include "measure/pleura_border.h"
#include "volume/box.h"
#include "volume/morphology.h"
#include "volume/resample.h"
#include "volume/statistics.h"

namespace thorax::measure {
namespace {

constexpr double kReachMm = 16;     ///< from the coarse layer to its thin margins
constexpr double kVertebraMm = 13;  ///< from the midline to the pleura beside its body
constexpr double kGrooveMm = 60;    ///< from the midline; ribs do not outline the groove there
constexpr double kBeyondRibsMm = 6, kGrooveBeyondMm = 20;  ///< the outline is this uncertain
constexpr int kMuscleHu = 52, kFatHu = -30;
constexpr int kTissueLow = -150, kTissueHigh = 150;  ///< neither lung nor bone
constexpr int kLungHu = -200;

/// Median density of the coarse fluid that has fluid all around; of all of it when it is thin.
int fluid_density(const CoarseChest& chest) {
  volume::Mask mask(chest.fluid.grid());
  for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = chest.fluid[i] != 0;
  const volume::Mask inner = volume::erode(mask, chest.hu.grid().spacing.x);
  volume::HuHistogram deep(-100, 100), all(-100, 100);
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (mask[i]) all.add(chest.hu[i]);
    if (inner[i]) deep.add(chest.hu[i]);
  }
  constexpr std::uint64_t kEnough = 50;
  return static_cast<int>(std::lround((deep.total() >= kEnough ? deep : all).percentile(50)));
}

/// Voxels of which six of the nine around them on the slice are wet, too: a rim one voxel thin is
/// lung mixed with tissue.
volume::Mask without_rims(const volume::Mask& wet) {
  volume::Mask out(wet.grid());
  const volume::Shape& s = wet.shape();
  for (int z = 0; z < s.z; ++z)
    for (int y = 1; y + 1 < s.y; ++y)
      for (int x = 1; x + 1 < s.x; ++x) {
        if (!wet(z, y, x)) continue;
        int near = 0;
        for (int j = -1; j <= 1; ++j)
          for (int i = -1; i <= 1; ++i) near += wet(z, y + j, x + i);
        out(z, y, x) = near >= 6;
      }
  return out;
}

/// Drops voxels with few labelled neighbours and fills those with many: noise.
void smooth_border(const volume::Mask& allowed, volume::Labels& labels) {
  const volume::Shape& s = labels.shape();
  const volume::Labels before = labels.clone();
  for (int z = 0; z < s.z; ++z)
    for (int y = 1; y + 1 < s.y; ++y)
      for (int x = 1; x + 1 < s.x; ++x) {
        int near = 0;
        std::uint8_t side = 0;
        for (int j = -1; j <= 1; ++j)
          for (int i = -1; i <= 1; ++i)
            if (before(z, y + j, x + i)) {
              ++near;
              side = before(z, y + j, x + i);
            }
        std::uint8_t& label = labels(z, y, x);
        if (label && near < 4) label = 0;
        if (!label && near > 5 && allowed(z, y, x)) label = side;
      }
}

}  // namespace

volume::Labels refine_pleural_fluid(const volume::CtVolume& full, const CoarseChest& chest) {
  volume::Labels out(full.grid());
  volume::Mask near(chest.fluid.grid());
  for (std::size_t i = 0; i < near.size(); ++i) near[i] = chest.fluid[i] != 0;
  if (volume::count(near) == 0) return out;
  const int fluid_hu = fluid_density(chest);
  const int muscle_border = fluid_hu + (kMuscleHu - fluid_hu) * 6 / 10;
  near = volume::dilate(near, kReachMm);
  for (std::size_t i = 0; i < near.size(); ++i) {
    const volume::Index at = near.grid().at(i);
    const double aside = std::abs(at.x - chest.cage.axis_x()) * near.grid().spacing.x;
    const double beyond = aside < kGrooveMm ? kGrooveBeyondMm : kBeyondRibsMm;
    near[i] = near[i] && chest.body[i] && !chest.airways[i] && aside > kVertebraMm &&
              chest.cage.depth(at.z, at.y, at.x) > -beyond;
  }
  const volume::Mask near_full = volume::resample_nearest(near, full.grid());
  const volume::Box box = box_around(near_full, 4);
  const volume::CtVolume hu = volume::crop(full, box.low, box.high);
  const volume::Mask reach = volume::crop(near_full, box.low, box.high);
  const volume::Labels coarse = volume::resample_nearest(chest.fluid, hu.grid());

  volume::Mask tissue(hu.grid()), wet(hu.grid());
  const volume::Shape& s = hu.shape();
  parallel_for(static_cast<std::size_t>(s.z), 1, [&](std::size_t from, std::size_t to) {
    for (int z = static_cast<int>(from); z < static_cast<int>(to); ++z)
      for (int y = 0; y < s.y; ++y)
        for (int x = 0; x < s.x; ++x) {
          const std::size_t i = hu.grid().offset(z, y, x);
          if (!reach[i] || hu[i] < kLungHu) continue;
          tissue[i] = 1;
          const int mean = mean_around(hu, z, y, x, kTissueLow, kTissueHigh, kTissueHigh);
          wet[i] = mean > kFatHu && mean < muscle_border;
        }
  });
  wet = without_rims(wet);
  volume::Labels labels(hu.grid());
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (coarse[i] && wet[i]) labels[i] = coarse[i];
  const double mm = std::min(hu.grid().spacing.x, hu.grid().spacing.y);
  grow_labels(labels, wet, static_cast<int>(std::ceil(kReachMm / mm)));
  smooth_border(tissue, labels);
  smooth_border(tissue, labels);
  volume::Mask beside_lung(hu.grid());
  for (std::size_t i = 0; i < reach.size(); ++i) beside_lung[i] = reach[i] && hu[i] < kFatHu;
  add_half_covered(hu, beside_lung, fluid_hu, true, labels);
  paste(labels, box.low, out);
  return out;
}

}  // namespace thorax::measure
