#include "measure/pleura.h"

#include <array>
#include <cmath>

#include "base/parallel.h"
#include "measure/lungs_grow.h"
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
  constexpr double kThinMm = 2.5, kLeastMl = 4, kWallMm = 5;
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
  // What is surely a layer convinces of smaller pockets on the same side.
  std::vector<double> spread(sums.size());
  std::vector<char> sure(sums.size());
  for (std::size_t k = 0; k < sums.size(); ++k) {
    const LumpSums& s = sums[k];
    const double ml = s.voxels * grid.voxel_ml();
    if (ml < kLeastMl || s.hu / s.voxels > kFreeMeanHu || s.dependent > 0.5 * s.voxels) continue;
    // The outermost voxel is half wall and not counted: the rim is a millimetre thinner.
    const double wall_cm2 = s.wall * grid.voxel_ml() / ((kWallMm - 1) / 10);
    const volume::Component& c = lumps.components[k];
    const double height_mm = (c.high.z - c.low.z + 1) * grid.spacing.z;
    spread[k] = wall_cm2 / std::pow(ml, 2.0 / 3);
    sure[k] = spread[k] > 2.2 || (spread[k] > 1.2 && ml > 150 && height_mm > 90);
  }
  std::array<bool, 3> side_has_layer{};
  for (std::size_t i = 0; i < core.size(); ++i)
    if (core[i] && sure[static_cast<std::size_t>(lumps.labels[i]) - 1])
      side_has_layer[chest.air[i]] = true;
  for (std::size_t i = 0; i < core.size(); ++i) {
    if (!core[i] || !side_has_layer[chest.air[i]]) continue;
    const auto k = static_cast<std::size_t>(lumps.labels[i]) - 1;
    if (sure[k] || spread[k] > 1.2) out[i] = chest.air[i];
  }
  grow_labels(out, open, 4);
  grow_labels(out, rim, 1);  // measure_pleura() takes only air from it
  return out;
}

void measure_pleura(const volume::CtVolume& hu, const volume::Labels& anatomy,
                    const CoarseChest& chest, volume::Labels& findings, Measurements& values) {
  const volume::Labels fluid = volume::resample_nearest(chest.fluid, hu.grid());
  const volume::Labels free_air = volume::resample_nearest(find_free_air(chest), hu.grid());
  std::array<std::array<double, 3>, 2> ml{};  // fluid, air; by anatomy label
  for (std::size_t i = 0; i < hu.size(); ++i) {
    const std::uint8_t side = anatomy[i];
    if (side != kLeftLung && side != kRightLung) continue;
    if (fluid[i] && hu[i] > -300) {
      findings[i] = kPleuralEffusion;
      ml[0][side] += hu.grid().voxel_ml();
    } else if (free_air[i] && hu[i] < kFreeAirHu) {
      findings[i] = kPneumothorax;
      ml[1][side] += hu.grid().voxel_ml();
    }
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
      "Volume of -20 to 27 HU inside the rib cage on the dependent chest wall, bordering on lung",
      "Объём содержимого плотностью от −20 до 27 HU у зависимых отделов грудной стенки, "
      "прилежащего к лёгкому"};
  const Text fluid_caveat{
      "Blood, pus and fluid in fissures are not recognised; small amounts may be missed.",
      "Кровь, гной и междолевая жидкость не распознаются; малые объёмы могут быть пропущены."};
  const Text air_method{
      "Volume of air without lung tissue in a layer along the non-dependent chest wall",
      "Объём воздуха без лёгочной ткани слоем вдоль независимых отделов грудной стенки"};
  const Text air_caveat{"Large bullae at the wall may be counted, small collections missed.",
                        "Крупные буллы у стенки могут быть учтены, малые скопления пропущены."};
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
