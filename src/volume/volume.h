// Voxels on a Grid. Voxel arrays are (z, y, x), x fastest.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/error.h"
#include "volume/geometry.h"

namespace thorax::volume {

/// Owns its voxels, or shares memory that somebody else mapped (pixels from the decoding child).
/// Moves are cheap, copies are explicit (clone).
template <class T>
class Volume {
 public:
  Volume() = default;
  explicit Volume(const Grid& grid, T value = T{}) : grid_(grid) {
    auto owned = std::make_shared<std::vector<T>>(grid.shape.count(), value);
    data_ = owned->data();
    owner_ = std::move(owned);
  }
  /// Takes memory of grid.shape.count() values that `owner` keeps alive.
  Volume(const Grid& grid, T* data, std::shared_ptr<void> owner)
      : grid_(grid), data_(data), owner_(std::move(owner)) {}

  Volume(Volume&&) noexcept = default;
  Volume& operator=(Volume&&) noexcept = default;
  Volume(const Volume&) = delete;
  Volume& operator=(const Volume&) = delete;
  Volume clone() const {
    Volume copy(grid_);
    std::copy_n(data_, size(), copy.data_);
    return copy;
  }

  const Grid& grid() const { return grid_; }
  const Shape& shape() const { return grid_.shape; }
  std::size_t size() const { return grid_.shape.count(); }
  bool empty() const { return data_ == nullptr; }

  T* data() { return data_; }
  const T* data() const { return data_; }
  std::span<T> voxels() { return {data_, size()}; }
  std::span<const T> voxels() const { return {data_, size()}; }
  /// One axial slice, rows from front to back.
  std::span<T> slice(int z) { return {data_ + grid_.offset(z, 0, 0), slice_size()}; }
  std::span<const T> slice(int z) const { return {data_ + grid_.offset(z, 0, 0), slice_size()}; }

  T& operator[](std::size_t offset) { return data_[offset]; }
  const T& operator[](std::size_t offset) const { return data_[offset]; }
  T& operator()(int z, int y, int x) { return data_[grid_.offset(z, y, x)]; }
  const T& operator()(int z, int y, int x) const { return data_[grid_.offset(z, y, x)]; }

 private:
  std::size_t slice_size() const {
    return static_cast<std::size_t>(grid_.shape.y) * static_cast<std::size_t>(grid_.shape.x);
  }

  Grid grid_;
  T* data_ = nullptr;
  std::shared_ptr<void> owner_;
};

using CtVolume = Volume<std::int16_t>;  ///< Hounsfield units
using Mask = Volume<std::uint8_t>;      ///< 0 or 1
using Labels = Volume<std::uint8_t>;    ///< small label numbers

/// A projection image: rows from top to bottom. Values are whatever the modality gives, bright =
/// dense (MONOCHROME2 sense), after modality and VOI look-up.
struct Image {
  int height = 0;
  int width = 0;
  int channels = 1;                     ///< 1, or 3 for colour pictures (interleaved)
  double spacing_y = 0, spacing_x = 0;  ///< mm; 0 when unknown
  std::vector<float> pixels;

  const float& at(int y, int x, int c = 0) const {
    return pixels[(static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                   static_cast<std::size_t>(x)) *
                      static_cast<std::size_t>(channels) +
                  static_cast<std::size_t>(c)];
  }
};

}  // namespace thorax::volume
