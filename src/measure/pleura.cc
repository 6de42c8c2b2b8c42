#include "measure/pleura.h"

#include <array>
#include <cmath>

#include "base/parallel.h"
#include "measure/lungs_grow.h"
#include "measure/pleura_border.h"
#include "measure/pleura_fluid.h"
#include "measure/pleura_wall_air.h"
#include "volume/components.h"
#include "volume/morphology.h"
#include "volume/resample.h"

namespace thorax::measure {
namespace {

constexpr double kSpineMm = 20;   ///< half the width of a vertebra
constexpr int kFreeAirHu = -920;  ///< at full resolution
constexpr double kGrooveMm = 13;  ///< to the pleura beside its body

double lateral_mm(const CoarseChest& chest, int x) {
  return std::abs(x - chest.cage.axis_x()) * chest.hu.grid().spacing.x;
}

std::uint8_t side_of(const CoarseChest& chest, double x) {
  return x > chest.cage.axis_x() ? std::uint8_t{kLeftLung} : std::uint8_t{kRightLung};
}

/// Sums over one lump that decide what it is.
struct LumpSums {
  double voxels = 0, wall = 0, lung = 0, dependent = 0, hu = 0;
};

std::vector<LumpSums> sum_lumps(const CoarseChest& chest, const volume::Components& lumps,
                                const volume::Mask& near_lung, double wall_mm) {
  std::vector<LumpSums> sums(lumps.components.size());
  const volume::Grid& grid = chest.hu.grid();
  for (std::size_t i = 0; i < lumps.labels.size(); ++i) {
    if (lumps.labels[i] == 0) continue;
    LumpSums& s = sums[static_cast<std::size_t>(lumps.labels[i]) - 1];
    const volume::Index at = grid.at(i);
    ++s.voxels;
    s.wall += chest.cage.depth(at.z, at.y, at.x) < wall_mm;
    s.lung += near_lung[i];
    s.dependent += at.y > chest.cage.axis_y();
    s.hu += chest.hu[i];
  }
  return sums;
}

/// Mean density of the tissue and fluid (above -150 HU) in the 3 x 3 x 3 voxels around each voxel
/// of `where`: smoothing that keeps the lung beside a thin layer out of it.
volume::CtVolume mean_without_lung(const volume::CtVolume& hu, const volume::Mask& where) {
  constexpr int kTissueHu = -150;
  volume::CtVolume out(hu.grid(), kTissueHu);
  const volume::Shape& s = hu.shape();
  parallel_for(static_cast<std::size_t>(s.z), 1, [&](std::size_t from, std::size_t to) {
    for (int z = static_cast<int>(from); z < static_cast<int>(to); ++z)
      for (int y = 0; y < s.y; ++y)
        for (int x = 0; x < s.x; ++x) {
          if (!where(z, y, x)) continue;
          int sum = 0, n = 0;
          for (int k = std::max(0, z - 1); k <= std::min(s.z - 1, z + 1); ++k)
            for (int j = std::max(0, y - 1); j <= std::min(s.y - 1, y + 1); ++j)
              for (int i = std::max(0, x - 1); i <= std::min(s.x - 1, x + 1); ++i)
                if (hu(k, j, i) > kTissueHu) {
                  sum += hu(k, j, i);
                  ++n;
                }
          if (n > 0) out(z, y, x) = static_cast<std::int16_t>(sum / n);
        }
  });
  return out;
}

void paint_fluid(const volume::CtVolume& hu, const CoarseChest& chest, volume::Labels& anatomy,
                 volume::Labels& findings) {
  const volume::Labels fluid = refine_pleural_fluid(hu, chest);
  const volume::Labels coarse = volume::resample_nearest(chest.fluid, hu.grid());
  for (std::size_t i = 0; i < hu.size(); ++i) {
    if (anatomy[i] == kAirways) continue;
    if (fluid[i]) {
      anatomy[i] = fluid[i];
      findings[i] = kPleuralEffusion;
    } else if (coarse[i] && hu[i] > chest.threshold_hu) {
      anatomy[i] = kNoAnatomy;  // chest wall after all
    }
  }
}

void paint_free_air(const volume::CtVolume& hu, const CoarseChest& chest,
                    const volume::Labels& anatomy, volume::Labels& findings) {
  constexpr int kAirHu = -1000;
  volume::Labels air = find_wall_air(hu, anatomy, chest);
  const volume::Labels coarse = volume::resample_nearest(find_free_air(chest), hu.grid());
  // What lies away from the wall counts where there is a layer along it.
  std::array<bool, 3> has_layer{};
  for (const std::uint8_t side : air.voxels()) has_layer[side] = true;
  volume::Mask field(hu.grid());
  for (std::size_t i = 0; i < hu.size(); ++i) {
    field[i] = (anatomy[i] == kLeftLung || anatomy[i] == kRightLung) && findings[i] == kNoFinding;
    if (coarse[i] && has_layer[coarse[i]] && field[i] && hu[i] < kFreeAirHu) air[i] = coarse[i];
  }
  add_half_covered(hu, field, kAirHu, false, air);
  for (std::size_t i = 0; i < hu.size(); ++i)
    if (air[i] && field[i]) findings[i] = kPneumothorax;
}

}  // namespace

volume::Labels find_pleural_fluid(const CoarseChest& chest) {
  constexpr double kThinMm = 2.1, kLeastMl = 5, kWallMm = 8;
  constexpr int kLowHu = -20, kHighHu = 27;
  const volume::Grid& grid = chest.hu.grid();
  volume::Labels out(grid);
  int low_z = grid.shape.z;
  volume::Mask air(grid);
  for (std::size_t i = 0; i < air.size(); ++i) {
    air[i] = chest.air[i] != 0;
    if (air[i]) low_z = std::min(low_z, grid.at(i).z);
  }
  if (low_z == grid.shape.z) return out;
  // Fluid sinks below the lung that floats on it, but not below the recess.
  low_z -= static_cast<int>(30 / grid.spacing.z);

  volume::Mask core(grid), open(grid);
  for (int z = std::max(0, low_z); z < grid.shape.z; ++z)
    for (int y = 0; y < grid.shape.y; ++y)
      for (int x = 0; x < grid.shape.x; ++x) {
        const int hu = chest.hu(z, y, x);
        open(z, y, x) = hu > -250 && hu < 36 && chest.body(z, y, x) && !air(z, y, x) &&
                        !chest.airways(z, y, x) && lateral_mm(chest, x) > kSpineMm &&
                        chest.cage.depth(z, y, x) > -1;
      }
  const volume::CtVolume mean = mean_without_lung(chest.hu, open);
  for (std::size_t i = 0; i < core.size(); ++i)
    core[i] = open[i] && mean[i] > kLowHu && mean[i] < kHighHu && chest.hu[i] > -60;
  core = volume::open(core, kThinMm);
  const volume::Components lumps = volume::connected_components(core);
  const volume::Mask near_lung = volume::dilate(air, 7);
  const std::vector<LumpSums> sums = sum_lumps(chest, lumps, near_lung, kWallMm);
  for (std::size_t i = 0; i < core.size(); ++i) {
    if (!core[i]) continue;
    const LumpSums& s = sums[static_cast<std::size_t>(lumps.labels[i]) - 1];
    const bool pleural = s.voxels * grid.voxel_ml() >= kLeastMl && s.wall > 0.2 * s.voxels &&
                         s.lung > 0.05 * s.voxels && s.dependent > 0.5 * s.voxels;
    if (pleural) out[i] = side_of(chest, grid.at(i).x);
  }
  grow_labels(out, open, 2);
  // Where the layer thins out, the wall weighs on the mean.
  constexpr int kEdgeHu = 34;
  volume::Mask edge(grid);
  for (std::size_t i = 0; i < edge.size(); ++i)
    edge[i] = open[i] && mean[i] > kLowHu && mean[i] < kEdgeHu;
  grow_labels(out, edge, 5);
  // Into the groove beside the spine, where there are no ribs to tell the wall: as far as it is
  // fluid.
  volume::Mask groove(grid);
  for (int z = std::max(0, low_z); z < grid.shape.z; ++z)
    for (int y = static_cast<int>(chest.cage.axis_y()); y < grid.shape.y; ++y)
      for (int x = 0; x < grid.shape.x; ++x)
        groove(z, y, x) = lateral_mm(chest, x) > kGrooveMm && lateral_mm(chest, x) < 60 &&
                          chest.hu(z, y, x) > -40 && chest.hu(z, y, x) < 31 && !air(z, y, x) &&
                          chest.body(z, y, x);
  const volume::CtVolume groove_mean = mean_without_lung(chest.hu, groove);
  for (std::size_t i = 0; i < groove.size(); ++i)
    groove[i] = groove[i] && groove_mean[i] > kLowHu && groove_mean[i] < 31;
  grow_labels(out, groove, 7);
  return out;
}

volume::Labels find_free_air(const CoarseChest& chest) {
  constexpr double kThinMm = 2.5, kLeastMl = 4, kWallMm = 5, kLeastSpread = 1.2;
  constexpr int kFreeHu = -955, kFreeMeanHu = -970;
  const volume::Grid& grid = chest.hu.grid();
  volume::Labels out(grid);
  volume::Mask core(grid), open(grid), rim(grid), lung(grid);
  for (std::size_t i = 0; i < core.size(); ++i) {
    if (!chest.air[i]) continue;
    core[i] = chest.hu[i] < kFreeHu;
    open[i] = chest.hu[i] < kFreeHu + 25;
    rim[i] = 1;
    lung[i] = chest.hu[i] > -940;
  }
  core = volume::open(core, kThinMm);
  const volume::Components lumps = volume::connected_components(core);
  const std::vector<LumpSums> sums = sum_lumps(chest, lumps, lung, kWallMm);
  for (std::size_t i = 0; i < core.size(); ++i) {
    if (!core[i]) continue;
    const LumpSums& s = sums[static_cast<std::size_t>(lumps.labels[i]) - 1];
    const double ml = s.voxels * grid.voxel_ml();
    if (ml < kLeastMl || s.hu / s.voxels > kFreeMeanHu || s.dependent > 0.5 * s.voxels) continue;
    // The outermost voxel is half wall and not counted: the rim is a millimetre thinner.
    const double wall_cm2 = s.wall * grid.voxel_ml() / ((kWallMm - 1) / 10);
    if (wall_cm2 / std::pow(ml, 2.0 / 3) > kLeastSpread) out[i] = chest.air[i];
  }
  grow_labels(out, open, 4);
  grow_labels(out, rim, 1);  // measure_pleura() takes only air from it
  return out;
}

void measure_pleura(const volume::CtVolume& hu, const CoarseChest& chest, volume::Labels& anatomy,
                    volume::Labels& findings, Measurements& values) {
  paint_fluid(hu, chest, anatomy, findings);
  paint_free_air(hu, chest, anatomy, findings);
  std::array<std::array<double, 3>, 2> ml{};  // fluid, air; by anatomy label
  for (std::size_t i = 0; i < hu.size(); ++i) {
    if (anatomy[i] != kLeftLung && anatomy[i] != kRightLung) continue;
    if (findings[i] == kPleuralEffusion) ml[0][anatomy[i]] += hu.grid().voxel_ml();
    if (findings[i] == kPneumothorax) ml[1][anatomy[i]] += hu.grid().voxel_ml();
  }
  const auto add = [&](const std::string& id, Text name, double value, Text method, Text caveat) {
    values.add({.id = id,
                .name = std::move(name),
                .value = value,
                .unit = "mL",
                .decimals = 0,
                .method = std::move(method),
                .source = "",
                .normal = std::nullopt,
                .reliability = Reliability::limited,
                .caveat = std::move(caveat)});
  };
  const Text fluid_method{
      "Volume of -20 to 27 HU inside the rib cage on the dependent chest wall, bordering on lung; "
      "its thin margins up to half-way to the density of muscle",
      "Объём содержимого плотностью от −20 до 27 HU у зависимых отделов грудной стенки, "
      "прилежащего к лёгкому; тонкие края — до середины между плотностью выпота и мышц"};
  const Text fluid_caveat{
      "Blood, pus and fluid in fissures are not recognised. Layers thinner than 6 mm everywhere "
      "(less than about 50 mL) may not be seen.",
      "Кровь, гной и междолевая жидкость не распознаются. Слой тоньше 6 мм на всём протяжении "
      "(менее примерно 50 мл) может быть не виден."};
  const Text air_method{
      "Volume of air without lung tissue in a layer along the non-dependent chest wall, 2.5 mm and "
      "more thick and wider than thick",
      "Объём воздуха без лёгочной ткани слоем толщиной от 2,5 мм вдоль независимых отделов "
      "грудной стенки; ширина слоя больше его толщины"};
  const Text air_caveat{
      "Giant bullae at the wall may be counted; of less than about 50 mL a part or all may be "
      "missed, and air that lies only beside the mediastinum is.",
      "Гигантские буллы у стенки могут быть учтены; объём менее примерно 50 мл может быть занижен "
      "или пропущен, воздух только у средостения не виден."};
  const auto [right_fluid, left_fluid] = std::pair(ml[0][kRightLung], ml[0][kLeftLung]);
  add("pleural_effusion.left.volume", {"Left pleural effusion", "Левосторонний плевральный выпот"},
      left_fluid, fluid_method, fluid_caveat);
  add("pleural_effusion.right.volume",
      {"Right pleural effusion", "Правосторонний плевральный выпот"}, right_fluid, fluid_method,
      fluid_caveat);
  add("pleural_effusion.total.volume", {"Pleural effusion, total", "Плевральный выпот, всего"},
      left_fluid + right_fluid, fluid_method, fluid_caveat);
  const auto [right_air, left_air] = std::pair(ml[1][kRightLung], ml[1][kLeftLung]);
  add("pneumothorax.left.volume", {"Left pneumothorax", "Левосторонний пневмоторакс"}, left_air,
      air_method, air_caveat);
  add("pneumothorax.right.volume", {"Right pneumothorax", "Правосторонний пневмоторакс"}, right_air,
      air_method, air_caveat);
  add("pneumothorax.total.volume", {"Pneumothorax, total", "Пневмоторакс, всего"},
      left_air + right_air, air_method, air_caveat);
}

}  // namespace thorax::measure
