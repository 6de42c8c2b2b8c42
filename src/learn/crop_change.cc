#include <algorithm>
#include <array>
#include <cmath>

#include "learn/crop_batches.h"
#include "learn/random.h"

namespace thorax::learn {
namespace {

using prepare::Grid;
using Place = std::array<std::int64_t, 3>;

std::size_t offset(const Grid& size, const Place& at) {
  return static_cast<std::size_t>((at[0] * size[1] + at[1]) * size[2] + at[2]);
}

/// Every voxel in row-major order.
template <class Body>
void for_each(const Grid& size, const Body& body) {
  for (std::int64_t x = 0; x < size[0]; ++x)
    for (std::int64_t y = 0; y < size[1]; ++y)
      for (std::int64_t z = 0; z < size[2]; ++z) body(Place{x, y, z});
}

/// One channel after the other.
template <class Body>
void for_each_channel(Crop& crop, const Body& body) {
  const std::size_t voxels = crop.classes.size();
  for (std::size_t first = 0; first < crop.values.size(); first += voxels)
    body(std::span(crop.values).subspan(first, voxels));
}

/// Mirrored and turned by so many quarters.
void move_voxels(Crop& crop, const std::array<bool, 3>& mirrored, int quarters) {
  std::vector<std::size_t> from;
  for_each(crop.size, [&](Place at) {
    for (int i = 0; i < quarters; ++i) at = {at[1], crop.size[0] - 1 - at[0], at[2]};
    for (std::size_t a = 0; a < 3; ++a)
      if (mirrored[a]) at[a] = crop.size[a] - 1 - at[a];
    from.push_back(offset(crop.size, at));
  });
  const auto gather = [&](auto values) {
    auto moved = std::vector(values.begin(), values.end());
    for (std::size_t i = 0; i < from.size(); ++i) moved[i] = values[from[i]];
    std::ranges::copy(moved, values.begin());
  };
  for_each_channel(crop, gather);
  gather(std::span(crop.classes));
}

using Matrix = std::array<std::array<double, 3>, 3>;

Matrix operator*(const Matrix& a, const Matrix& b) {
  Matrix product{};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j)
      for (std::size_t k = 0; k < 3; ++k) product[i][j] += a[i][k] * b[k][j];
  return product;
}

/// Around one axis.
Matrix rotation(std::size_t axis, double angle) {
  Matrix matrix{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  const std::size_t i = (axis + 1) % 3, j = (axis + 2) % 3;
  matrix[i][i] = matrix[j][j] = std::cos(angle);
  matrix[i][j] = -(matrix[j][i] = std::sin(angle));
  return matrix;
}

void warp(Crop& crop, const Matrix& matrix, const std::array<double, 3>& shift) {
  const Crop old = crop;
  const Grid& size = crop.size;
  const std::size_t voxels = old.classes.size();
  std::size_t out = 0;
  for_each(size, [&](const Place& at) {
    Place low{}, high{}, nearest{};
    std::array<double, 3> weight{};
    for (std::size_t a = 0; a < 3; ++a) {
      const double last = static_cast<double>(size[a] - 1);
      double place = last / 2 + shift[a];
      for (std::size_t b = 0; b < 3; ++b)
        place += matrix[a][b] * (static_cast<double>(at[b]) - static_cast<double>(size[b] - 1) / 2);
      place = std::clamp(place, 0.0, last);
      low[a] = static_cast<std::int64_t>(place);
      high[a] = std::min(low[a] + 1, size[a] - 1);
      nearest[a] = std::lround(place);
      weight[a] = place - static_cast<double>(low[a]);
    }
    crop.classes[out] = old.classes[offset(size, nearest)];
    for (std::size_t first = 0; first < old.values.size(); first += voxels) {
      double sum = 0;
      for (unsigned corner = 0; corner < 8; ++corner) {
        Place from{};
        double share = 1;
        for (std::size_t a = 0; a < 3; ++a) {
          const bool far = (corner >> a & 1U) != 0;
          from[a] = far ? high[a] : low[a];
          share *= far ? weight[a] : 1 - weight[a];
        }
        sum += share * double{old.values[first + offset(size, from)]};
      }
      crop.values[first + out] = static_cast<float>(sum);
    }
    ++out;
  });
}

void cut_hole(Crop& crop, std::int64_t side, Random& random) {
  Place first{}, end{};
  for (std::size_t a = 0; a < 3; ++a) {
    const std::int64_t fits = std::min(side, crop.size[a]);
    first[a] =
        static_cast<std::int64_t>(random.below(static_cast<std::size_t>(crop.size[a] - fits + 1)));
    end[a] = first[a] + fits;
  }
  const auto value = static_cast<float>(random.uniform());
  for_each_channel(crop, [&](std::span<float> channel) {
    for (std::int64_t x = first[0]; x < end[0]; ++x)
      for (std::int64_t y = first[1]; y < end[1]; ++y)
        for (std::int64_t z = first[2]; z < end[2]; ++z)
          channel[offset(crop.size, {x, y, z})] = value;
  });
}

}  // namespace

void change_crop(Crop& crop, const CropOptions& options, Random& random) {
  std::array<bool, 3> mirrored{};
  for (bool& axis : mirrored) axis = random.chance(options.flip);
  const bool square = crop.size[0] == crop.size[1];
  const int quarters =
      random.chance(options.turn) && square ? 1 + static_cast<int>(random.below(3)) : 0;
  move_voxels(crop, mirrored, quarters);
  if (random.chance(options.affine)) {
    Matrix matrix{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    std::array<double, 3> shift{};
    for (std::size_t a = 0; a < 3; ++a) {
      matrix = matrix * rotation(a, random.uniform(-options.rotate, options.rotate));
      shift[a] = random.uniform(-options.shift, options.shift);
    }
    for (auto& row : matrix) {
      const double zoom = 1 + random.uniform(-options.zoom, options.zoom);
      for (double& value : row) value *= zoom;
    }
    warp(crop, matrix, shift);
  }
  if (random.chance(options.noise)) {
    const double deviation = random.uniform(0, options.noise_deviation);
    for (float& value : crop.values) value += static_cast<float>(deviation * random.bell());
  }
  if (random.chance(options.level)) {
    const auto more = static_cast<float>(random.uniform(-options.level_shift, options.level_shift));
    for (float& value : crop.values) value += more;
  }
  if (random.chance(options.gamma)) {
    const auto gamma = static_cast<float>(random.uniform(options.gamma_low, options.gamma_high));
    for (float& value : crop.values) value = std::pow(std::max(value, 0.0F), gamma);
  }
  if (random.chance(options.holes))
    for (int i = 0; i < options.hole_count; ++i) cut_hole(crop, options.hole_size, random);
}

}  // namespace thorax::learn
