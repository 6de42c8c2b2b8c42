// Where in the patient something is.
#pragma once

#include <array>

#include "base/text.h"

namespace thorax {

struct Place {
  std::array<double, 3> centre_mm{};  ///< x, y, z in the patient frame (LPS)
  std::array<double, 3> size_mm{};    ///< extent of the enclosing box along x, y, z
  std::array<int, 3> voxel{};         ///< z, y, x in the analysed volume; a voxel inside it
  Text where;                         ///< "right lung, upper third"
};

}  // namespace thorax
