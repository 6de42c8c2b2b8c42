// Resizing as OpenCV's INTER_AREA does it (cv::resize, 4.6): networks for slices were trained with
// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace thorax::prepare {

/// The plan of a resize, made once for all pictures of a size. Shrinking on both axes averages the
/// area that falls into a pixel; as soon as one axis grows, both are interpolated linearly between
/// the pixels at the left edges. A side that keeps its length in a shrink by whole factors is
/// copied.
class AreaResize {
 public:
  AreaResize(int height, int width, int new_height, int new_width);
  /// `picture` has height * width values in rows, `out` receives new_height * new_width. `rows` is
  /// working memory that can be used again.
  void operator()(std::span<const float> picture, std::span<float> out,
                  std::vector<float>& rows) const;
  /// The same of 8-bit levels, bit for bit OpenCV's: areas are rounded half to even (blocks of 2 x
  /// 2 half up), linear weights have 11 bits.
  void operator()(std::span<const std::uint8_t> levels, std::span<std::uint8_t> out) const;

 private:
  struct Pixel {
    std::size_t first = 0;
    std::vector<float> weights;
  };
  static std::vector<Pixel> area(int from, int to);
  static std::vector<Pixel> linear(int from, int to);

  void blocks(std::span<const std::uint8_t> levels, std::span<std::uint8_t> out) const;
  void interpolate(std::span<const std::uint8_t> levels, std::span<std::uint8_t> out) const;

  std::size_t width_, block_height_ = 0, block_width_ = 0;  ///< blocks of shrinks by whole factors
  bool shrinks_;
  std::vector<Pixel> rows_, columns_;
};

}  // namespace thorax::prepare
