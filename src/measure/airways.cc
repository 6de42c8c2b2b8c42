#include "measure/airways.h"

#include <array>
#include <cmath>

#include "measure/airways_trachea.h"
#include "volume/box.h"
#include "volume/components.h"
#include "volume/morphology.h"
#include "volume/resample.h"

namespace thorax::measure {
namespace {

constexpr double kThinMm = 2.5;

/// Voxels in the order in which a rising threshold reaches them from the seeds: level k holds
/// those joined at -1000 + 10 k HU.
class RisingFlood {
 public:
  static constexpr int kFirstHu = -1000, kStepHu = 10, kLevels = 36;  // up to -640 HU

  RisingFlood(const volume::CtVolume& hu, const std::vector<volume::Index>& seeds)
      : hu_(hu), reached_(hu.grid(), kNever) {
    for (const volume::Index& seed : seeds) offer(hu.grid().offset(seed), 0);
  }

  /// Floods level by level until one adds more than `burst_ml` or the whole exceeds `limit_ml`;
  /// returns the last level before that, or -1.
  int run(double burst_ml, double limit_ml) {
    const double voxel_ml = hu_.grid().voxel_ml();
    double total = 0;
    for (int level = 0; level < kLevels; ++level) {
      double grown = 0;
      auto& queue = waiting_[static_cast<std::size_t>(level)];
      for (std::size_t k = 0; k < queue.size(); ++k) {
        grown += voxel_ml;
        if (total + grown > limit_ml || (level > kCalm && grown > burst_ml)) return level - 1;
        visit(queue[k], level);
      }
      total += grown;
    }
    return kLevels - 1;
  }

  volume::Mask up_to(int level) const {
    volume::Mask out(hu_.grid());
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = reached_[i] <= level;
    return out;
  }

 private:
  static constexpr std::uint8_t kNever = 255;
  // Below -950 HU every level holds a good part of the lumen itself.
  static constexpr int kCalm = 5;

  void offer(std::size_t i, int level) {
    if (reached_[i] != kNever) return;
    const int own = std::max(0, (hu_[i] - kFirstHu + kStepHu - 1) / kStepHu);
    const int at = std::max(own, level);
    if (at >= kLevels) return;
    reached_[i] = static_cast<std::uint8_t>(at);
    waiting_[static_cast<std::size_t>(at)].push_back(i);
  }

  void visit(std::size_t i, int level) {
    const volume::Grid& grid = hu_.grid();
    const volume::Index at = grid.at(i);
    const auto row = static_cast<std::size_t>(grid.shape.x);
    const std::size_t slice = row * static_cast<std::size_t>(grid.shape.y);
    if (at.z > 0) offer(i - slice, level);
    if (at.y > 0) offer(i - row, level);
    if (at.x > 0) offer(i - 1, level);
    if (at.x + 1 < grid.shape.x) offer(i + 1, level);
    if (at.y + 1 < grid.shape.y) offer(i + row, level);
    if (at.z + 1 < grid.shape.z) offer(i + slice, level);
  }

  const volume::CtVolume& hu_;
  volume::Labels reached_;
  std::array<std::vector<std::size_t>, kLevels> waiting_;
};

/// The trachea alone: air in the discs of its sections.
volume::Mask discs(const volume::CtVolume& hu, const std::vector<TubeSection>& trachea) {
  volume::Mask out(hu.grid());
  const volume::Vec3& mm = hu.grid().spacing;
  for (const TubeSection& s : trachea) {
    const double radius = 1.5 * std::sqrt(s.area_mm2 / 3.14159265358979);
    for (int y = 0; y < hu.shape().y; ++y)
      for (int x = 0; x < hu.shape().x; ++x)
        if (std::hypot((x - s.x) * mm.x, (y - s.y) * mm.y) <= radius && hu(s.z, y, x) < -640)
          out(s.z, y, x) = 1;
  }
  return out;
}

/// Takes off what is thinner than 2 kThinMm and keeps the part that holds the trachea.
volume::Mask main_stem(const volume::Mask& tree, const std::vector<volume::Index>& seeds) {
  const volume::Box box = box_around(tree, 2 * kThinMm);
  const volume::Mask part = volume::crop(tree, box.low, box.high);
  volume::Mask stem = volume::dilate(volume::erode(part, kThinMm), kThinMm * 1.2);
  for (std::size_t i = 0; i < stem.size(); ++i) stem[i] = stem[i] && part[i];
  volume::Mask out(tree.grid());
  paste(stem, box.low, out);
  return volume::flood_fill(out, seeds);
}

double median_diameter(const std::vector<TubeSection>& trachea, double spacing_z) {
  // From 15 mm to 60 mm above the carina: intrathoracic, clear of the bifurcation.
  std::vector<double> diameters;
  for (const TubeSection& s : trachea) {
    const double above = (s.z - trachea.back().z) * spacing_z;
    if (above >= 15 && above <= 60)
      diameters.push_back(2 * std::sqrt(s.area_mm2 / 3.14159265358979));
  }
  if (diameters.empty()) return 0;
  std::sort(diameters.begin(), diameters.end());
  return diameters[diameters.size() / 2];
}

}  // namespace

Airways find_airways(const volume::CtVolume& hu) {
  constexpr double kGridMm = 1.25, kBurstMl = 12, kLimitMl = 160;
  const volume::CtVolume fine = volume::shrink_mean(hu, volume::isotropic_grid(hu.grid(), kGridMm));
  const std::vector<TubeSection> trachea = find_trachea(fine);
  Airways out;
  if (trachea.empty()) return out;
  out.trachea_slices = static_cast<int>(trachea.size());
  out.carina_z = trachea.back().z;
  out.trachea_diameter_mm = median_diameter(trachea, fine.grid().spacing.z);

  std::vector<volume::Index> seeds;
  for (const TubeSection& s : trachea) seeds.push_back(s.seed);
  RisingFlood flood(fine, seeds);
  const int level = flood.run(kBurstMl, kLimitMl);
  volume::Mask tree = discs(fine, trachea);
  if (level >= 0) {
    const volume::Mask grown = flood.up_to(level);
    for (std::size_t i = 0; i < tree.size(); ++i) tree[i] |= grown[i];
  }
  out.leaked = level < 0;
  out.lumen = main_stem(tree, seeds);
  return out;
}

void add_airway_measurements(const Airways& airways, const volume::Labels& anatomy,
                             Measurements& values) {
  if (airways.lumen.empty()) return;
  std::size_t voxels = 0;
  for (const std::uint8_t label : anatomy.voxels()) voxels += label == kAirways;
  const Text leak{"The bronchi could not be told from the lung; only the trachea was measured.",
                  "Бронхи не удалось отделить от лёгкого, измерена только трахея."};
  const auto reliability = airways.leaked ? Reliability::weak : Reliability::limited;
  values.add({.id = "airways.volume",
              .name = {"Volume of trachea and main bronchi", "Объём трахеи и главных бронхов"},
              .value = static_cast<double>(voxels) * anatomy.grid().voxel_ml(),
              .unit = "mL",
              .decimals = 0,
              .method = {"Air grown from the trachea with a rising threshold; branches thinner "
                         "than 5 mm are left out",
                         "Выращивание области от трахеи с повышением порога; ветви тоньше 5 мм не "
                         "учитываются"},
              .source = "Mori et al. 1994",
              .normal = std::nullopt,
              .reliability = reliability,
              .caveat = airways.leaked ? leak
                                       : Text{"Depends on how much of the neck was scanned.",
                                              "Зависит от того, какая часть шеи попала в скан."}});
  if (airways.trachea_diameter_mm <= 0) return;
  values.add(
      {.id = "airways.trachea.diameter",
       .name = {"Tracheal diameter", "Диаметр трахеи"},
       .value = airways.trachea_diameter_mm,
       .unit = "mm",
       .decimals = 0,
       .method = {"Diameter of the circle of the same area, median 15 to 60 mm above the "
                  "carina",
                  "Диаметр круга той же площади, медиана на уровне 15–60 мм выше бифуркации"},
       .source = "Breatnach et al. 1984",
       .normal = NormalRange{10, 27, "Breatnach et al., AJR 1984;142:903 (both sexes)"},
       .reliability = Reliability::good,
       .caveat = {}});
}

}  // namespace thorax::measure
