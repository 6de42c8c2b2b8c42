// Sizes and places on a grid of voxels or tokens.
#pragma once

#include <array>
#include <cstdint>

namespace thorax::prepare {

using Grid = std::array<std::int64_t, 3>;  ///< along depth, height, width

inline std::int64_t count_of(const Grid& grid) {
  return grid[0] * grid[1] * grid[2];
}

}  // namespace thorax::prepare
