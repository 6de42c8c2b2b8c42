// Small CT volumes for the tests of the quality room.
#pragma once

#include <cmath>

#include "intake/phantom.h"
#include "intake/study.h"
#include "volume/resample.h"

namespace thorax::quality {

inline intake::LoadedVolume loaded(volume::CtVolume hu) {
  intake::LoadedVolume ct;
  ct.geometry.slices = ct.geometry.expected_slices = hu.shape().z;
  ct.geometry.spacing_mm = hu.grid().spacing.z;
  ct.hu = std::move(hu);
  return ct;
}

/// A phantom from the neck to the pelvis, 160 x 160 pixels, 4 mm slices; drawn once.
inline const intake::Phantom& tall_phantom() {
  static const intake::Phantom phantom = [] {
    intake::PhantomOptions options;
    options.size = 160;
    options.slice_mm = 4;
    options.low_mm = -420;
    options.high_mm = 260;
    return intake::make_phantom(options);
  }();
  return phantom;
}

/// The slices of the tall phantom in a range of z, mm. Its lungs reach from -115 to 155.
inline intake::LoadedVolume phantom_slab(double low_mm, double high_mm) {
  const volume::CtVolume& all = tall_phantom().hu;
  const volume::Grid& grid = all.grid();
  const auto slice = [&](double mm) {
    return std::clamp(static_cast<int>(std::lround(grid.index({0, 0, mm})[0])), 0,
                      grid.shape.z - 1);
  };
  return loaded(
      volume::crop(all, {slice(low_mm), 0, 0}, {slice(high_mm) + 1, grid.shape.y, grid.shape.x}));
}

inline intake::LoadedVolume phantom_chest() {
  return phantom_slab(-160, 182);
}

inline intake::SeriesHeader ct_header(const std::string& body_part = {}) {
  intake::SeriesHeader header;
  header.modality = "CT";
  header.body_part = body_part;
  return header;
}

/// True inside an ellipsoid (half axes in mm) around a point.
inline bool inside(volume::Vec3 p, volume::Vec3 centre, volume::Vec3 half) {
  const double x = (p.x - centre.x) / half.x, y = (p.y - centre.y) / half.y,
               z = (p.z - centre.z) / half.z;
  return x * x + y * y + z * z < 1;
}

/// A head: skull, brain, two air-filled sinuses and the throat. 2 mm pixels, 4 mm slices.
inline intake::LoadedVolume head_ct() {
  volume::Grid grid{{50, 120, 120}, {2, 2, 4}, {-120, -120, -100}};
  volume::CtVolume hu(grid, -1000);
  for (std::size_t i = 0; i < hu.size(); ++i) {
    const volume::Vec3 p = grid.position(grid.at(i));
    if (inside(p, {0, 0, 0}, {80, 98, 110})) hu[i] = 900;
    if (inside(p, {0, 0, 0}, {73, 91, 103})) hu[i] = 35;
    if (inside(p, {25, -60, -50}, {16, 16, 18}) || inside(p, {-25, -60, -50}, {16, 16, 18}) ||
        (p.z < -30 && inside({p.x, p.y, 0}, {0, -10, 0}, {12, 10, 1})))
      hu[i] = -990;
  }
  return loaded(std::move(hu));
}

}  // namespace thorax::quality
