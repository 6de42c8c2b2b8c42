#include "measure/nodule_lungs.h"

#include <algorithm>
#include <cmath>

#include "volume/resample.h"
#include "volume/statistics.h"

namespace thorax::measure {
namespace {

using volume::Grid;
using volume::Index;
using volume::Vec3;

constexpr double kWorkVoxel = 1.0;     // mm
constexpr int kMargin = 3;             // voxels
constexpr std::int16_t kAirHu = -500;  // aerated lung is below
constexpr std::int16_t kUsualLungHu = -850;
constexpr std::int16_t kAirFloorHu = -1000, kSoftTissueHu = 60;

Side side_of(std::uint8_t label) {
  if (label == kLeftLung) return Side::left;
  return label == kRightLung ? Side::right : Side::none;
}

}  // namespace

Side NoduleLungs::side_at(Vec3 point) const {
  const Grid& grid = sides.grid();
  const auto at = grid.index(point);
  const Index i{static_cast<int>(std::lround(at[0])), static_cast<int>(std::lround(at[1])),
                static_cast<int>(std::lround(at[2]))};
  return grid.contains(i.z, i.y, i.x) ? side_of(sides(i.z, i.y, i.x)) : Side::none;
}

double NoduleLungs::hilum_distance(Vec3 point, Side side) const {
  const Box& b = box(side);
  const Vec3 hilum{side == Side::left ? b.low.x + 25 : b.high.x - 25,
                   0.45 * b.low.y + 0.55 * b.high.y, 0.45 * b.low.z + 0.55 * b.high.z};
  const double x = (point.x - hilum.x) / 25, y = (point.y - hilum.y) / 30,
               z = (point.z - hilum.z) / 45;
  return std::sqrt(x * x + y * y + z * z);
}

NoduleLungs cut_out_lungs(const volume::CtVolume& hu, const volume::Labels& anatomy) {
  const Grid& full = hu.grid();
  NoduleLungs lungs;
  Index low{full.shape.z, full.shape.y, full.shape.x}, high{-1, -1, -1};
  for (int z = 0; z < full.shape.z; ++z)
    for (int y = 0; y < full.shape.y; ++y) {
      const std::uint8_t* row = &anatomy(z, y, 0);
      for (int x = 0; x < full.shape.x; ++x) {
        const Side side = side_of(row[x]);
        if (side == Side::none) continue;
        low = {std::min(low.z, z), std::min(low.y, y), std::min(low.x, x)};
        high = {std::max(high.z, z), std::max(high.y, y), std::max(high.x, x)};
        NoduleLungs::Box& b = lungs.boxes[side == Side::left ? 0 : 1];
        const Vec3 p = full.position(z, y, x);
        b.low = {std::min(b.low.x, p.x), std::min(b.low.y, p.y), std::min(b.low.z, p.z)};
        b.high = {std::max(b.high.x, p.x), std::max(b.high.y, p.y), std::max(b.high.z, p.z)};
      }
    }
  if (high.z < 0) return lungs;
  low = {std::max(0, low.z - kMargin), std::max(0, low.y - kMargin), std::max(0, low.x - kMargin)};
  high = {std::min(full.shape.z, high.z + kMargin + 1),
          std::min(full.shape.y, high.y + kMargin + 1),
          std::min(full.shape.x, high.x + kMargin + 1)};

  lungs.hu = volume::crop(hu, low, high);
  lungs.sides = volume::crop(anatomy, low, high);
  volume::HuHistogram air(-1100, kAirHu), dense(0, 1000);
  for (std::size_t i = 0; i < lungs.sides.size(); ++i) {
    if (side_of(lungs.sides[i]) == Side::none) {
      lungs.sides[i] = kNoAnatomy;
      continue;
    }
    if (lungs.hu[i] < kAirHu) air.add(lungs.hu[i]);
    if (lungs.hu[i] >= 0) dense.add(lungs.hu[i]);
  }
  if (dense.total()) lungs.vessel_hu = dense.percentile(90);
  const std::int16_t background =
      air.total() ? static_cast<std::int16_t>(std::lround(air.percentile(50))) : kUsualLungHu;

  const Grid work = volume::isotropic_grid(lungs.hu.grid(), kWorkVoxel);
  lungs.field = volume::resample_linear(lungs.hu, work);
  lungs.inside = volume::resample_nearest(lungs.sides, work);
  for (std::size_t i = 0; i < lungs.field.size(); ++i) {
    lungs.inside[i] = lungs.inside[i] != kNoAnatomy;
    lungs.field[i] =
        lungs.inside[i] ? std::clamp(lungs.field[i], kAirFloorHu, kSoftTissueHu) : background;
  }
  return lungs;
}

}  // namespace thorax::measure
