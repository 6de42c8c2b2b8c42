// A chest of ellipsoids, for tests that need to know every voxel.
#pragma once

#include <cmath>
#include <functional>

#include "measure/ct.h"
#include "volume/volume.h"

namespace thorax::measure::testing {

inline double ellipsoid(volume::Vec3 p, volume::Vec3 c, volume::Vec3 r) {
  const double x = (p.x - c.x) / r.x, y = (p.y - c.y) / r.y, z = (p.z - c.z) / r.z;
  return x * x + y * y + z * z;
}

/// Two lungs, a trachea with two main bronchi and a table, around the origin.
struct PaintedChest {
  volume::CtVolume hu;
  volume::Labels truth;  ///< Anatomy of the lungs and the airways

  static constexpr volume::Vec3 kLungCentre{72, 0, 0};  ///< of the left lung; mirrored: right
  static constexpr volume::Vec3 kLungRadius{52, 76, 110};
  static constexpr double kTracheaRadius = 9;
  static constexpr double kDomeTop = -70, kDomeRadius = 90;  ///< of both halves of the diaphragm

  /// The chest of 2 x 2 x 2.5 mm voxels under noise of 10 HU is painted once and copied.
  PaintedChest() {
    static const PaintedChest kHealthy(2.0, 2.5, 10);
    hu = kHealthy.hu.clone();
    truth = kHealthy.truth.clone();
    sigma_ = kHealthy.sigma_;
  }

  PaintedChest(double xy_mm, double z_mm, double noise_hu) {
    volume::Grid grid;
    grid.spacing = {xy_mm, xy_mm, z_mm};
    grid.shape = {static_cast<int>(320 / z_mm), static_cast<int>(300 / xy_mm),
                  static_cast<int>(380 / xy_mm)};
    grid.origin = {-190, -140, -160};
    hu = volume::CtVolume(grid, -1000);
    truth = volume::Labels(grid);
    paint([&](volume::Vec3 p) { return ellipsoid({p.x, p.y, 0}, {}, {165, 112, 1}) < 1; }, 40);
    paint([&](volume::Vec3 p) { return p.y > 125 && p.y < 132 && std::abs(p.x) < 170; }, 100);
    paint([&](volume::Vec3 p) { return left(p) < 1; }, -860, kLeftLung);
    paint([&](volume::Vec3 p) { return right(p) < 1; }, -860, kRightLung);
    paint([&](volume::Vec3 p) { return p.z > 20 && std::hypot(p.x, p.y - 15) < kTracheaRadius; },
          -1000, kAirways);
    add_noise(noise_hu);
  }

  static double left(volume::Vec3 p) { return lung(p, kLungCentre); }
  static double right(volume::Vec3 p) { return lung(p, {-kLungCentre.x, 0, 0}); }

  void paint(const std::function<bool(volume::Vec3)>& inside, int value, int label = -1) {
    for (std::size_t i = 0; i < hu.size(); ++i) {
      if (!inside(hu.grid().position(hu.grid().at(i)))) continue;
      hu[i] = static_cast<std::int16_t>(value + noise(i));
      if (label >= 0) truth[i] = static_cast<std::uint8_t>(label);
    }
  }

  double ml(int label) const {
    double n = 0;
    for (const std::uint8_t v : truth.voxels()) n += v == label;
    return n * hu.grid().voxel_ml();
  }

  /// Volume of the voxels where `inside` holds and the truth is lung.
  double lung_ml(const std::function<bool(volume::Vec3)>& inside) const {
    double n = 0;
    for (std::size_t i = 0; i < hu.size(); ++i)
      n += (truth[i] == kLeftLung || truth[i] == kRightLung) &&
           inside(hu.grid().position(hu.grid().at(i)));
    return n * hu.grid().voxel_ml();
  }

 private:
  // Half an ellipsoid that stands on a dome.
  static double lung(volume::Vec3 p, volume::Vec3 centre) {
    const double aside = std::hypot(p.x - centre.x, p.y - centre.y);
    const double dome = kDomeTop - aside * aside / (2 * kDomeRadius);
    return p.z < dome ? 2 : ellipsoid(p, centre, kLungRadius);
  }

  void add_noise(double sigma) {
    sigma_ = sigma;
    for (std::size_t i = 0; i < hu.size(); ++i) hu[i] = static_cast<std::int16_t>(hu[i] + noise(i));
  }

  /// About normal (sum of four uniform numbers), from a hash of the voxel.
  double noise(std::size_t i) const {
    std::uint64_t h = i * 0x9E3779B97F4A7C15ULL + 1;
    double sum = 0;
    for (int k = 0; k < 4; ++k) {
      h ^= h >> 31;
      h *= 0xBF58476D1CE4E5B9ULL;
      sum += static_cast<double>(h >> 40) / static_cast<double>(1 << 24) - 0.5;
    }
    return sum * std::sqrt(3.0) * sigma_;
  }

  double sigma_ = 0;
};

/// What is measured on the healthy chest, once.
inline const CtMeasurements& measured_healthy_chest() {
  static const CtMeasurements kMeasured = measure_ct(PaintedChest().hu, {});
  return kMeasured;
}

}  // namespace thorax::measure::testing
