// Many long rows in two dimensions, so that they can be looked at.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace thorax::serve {

struct Projection {
  std::vector<std::array<double, 2>> points;  ///< one a row, in the order of the rows
  std::array<double, 2> explained{};          ///< share of the variance along each axis, in [0, 1]
};

/// The first two principal components of `rows` [count, width], row-major: centred, unscaled
/// (Pearson, "On lines and planes of closest fit", 1901), by subspace iteration with Rayleigh–Ritz
/// (Saad, "Numerical methods for large eigenvalue problems", 5.2). An axis points to where its
/// largest loading is positive. The same rows give the same numbers: sums go through the rows in
/// order, in one thread. Rows with a value that is no number stand at the origin. O(count · width).
Projection principal_plane(std::span<const float> rows, std::size_t width);

}  // namespace thorax::serve
