// What is in the painted volume, counted voxel by voxel.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <vector>

#include "intake/phantom_findings.h"
#include "volume/geometry.h"

namespace thorax::intake::phantom {

/// Sums over some voxels.
struct Tally {
  std::uint64_t voxels = 0;
  double hu = 0;
  double x = 0, y = 0, z = 0;  ///< of indices

  void add(double value, int ix, int iy, int iz) {
    ++voxels;
    hu += value;
    x += ix;
    y += iy;
    z += iz;
  }
  void add(const Tally& other);
};

/// The counts of one slice; they are joined in slice order, so that sums do not depend on threads.
struct SliceTruth {
  Tally lung[2];  ///< right, left
  std::uint64_t below_950[2] = {0, 0}, below_910[2] = {0, 0};
  Tally heart, airways, aorta, spine, trabecular;
  int lung_low_x = 1 << 20, lung_high_x = -1, heart_low_x = 1 << 20, heart_high_x = -1;
  std::vector<Tally> instances;               ///< by instance number - 1
  std::vector<std::uint64_t> instance_dense;  ///< of them, voxels of 130 HU and more
};

/// `hu` is the slice as the kernel shows it, without noise.
SliceTruth tally_slice(std::span<const float> hu, std::span<const std::uint8_t> anatomy,
                       std::span<const std::uint8_t> instance, std::size_t instances,
                       const volume::Grid& grid, int z, double body_scale);

/// The truth document (see Phantom::truth).
nlohmann::json make_truth(const std::vector<SliceTruth>& slices, const volume::Grid& grid,
                          nlohmann::json instances);

}  // namespace thorax::intake::phantom
