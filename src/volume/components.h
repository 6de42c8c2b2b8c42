// Connected components.
#pragma once

#include <array>
#include <vector>

#include "volume/volume.h"

namespace thorax::volume {

struct Component {
  std::int32_t label = 0;  ///< value in Components::labels, from 1
  std::size_t voxels = 0;
  Index low, high;                         ///< bounding box, both inclusive
  double sum_z = 0, sum_y = 0, sum_x = 0;  ///< of indices; divided by voxels: the centroid

  std::array<double, 3> centroid() const {
    const auto n = static_cast<double>(voxels);
    return {sum_z / n, sum_y / n, sum_x / n};
  }
};

struct Components {
  Volume<std::int32_t> labels;        ///< 0 outside; label k is components[k - 1]
  std::vector<Component> components;  ///< largest first (ties: lowest first voxel first)
};

enum class Connectivity { faces = 6, all = 26 };

Components connected_components(const Mask& mask, Connectivity connectivity = Connectivity::faces);

/// Keeps the `count` largest components that have at least `min_voxels`.
Mask largest_components(const Mask& mask, int count, std::size_t min_voxels = 1);

/// The voxels of `allowed` connected to the seed by faces (6-connected flood fill).
Mask flood_fill(const Mask& allowed, const std::vector<Index>& seeds);

}  // namespace thorax::volume
