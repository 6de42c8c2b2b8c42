// What acquisition does to a radiograph, one function each. Grey pictures as fp32 of 0 … 1.
#pragma once

#include <span>
#include <vector>

#include "learn/random.h"

namespace thorax::learn {

/// A square picture, rows from the top.
struct Grey {
  int size = 0;
  std::vector<float> values;

  float& at(int y, int x) {
    return values[static_cast<std::size_t>(y) * static_cast<std::size_t>(size) +
                  static_cast<std::size_t>(x)];
  }
  float at(int y, int x) const {
    return values[static_cast<std::size_t>(y) * static_cast<std::size_t>(size) +
                  static_cast<std::size_t>(x)];
  }
};

/// Gaussian of that deviation in pixels, separable; edges are repeated.
void blur(Grey& picture, double sigma);
/// Adds `share` of what a Gaussian of one pixel takes away.
void sharpen(Grey& picture, double share);
/// What differs from a Gaussian of that deviation in pixels, `factor` times as strong.
void detail(Grey& picture, double factor, double sigma);
/// Through a picture of `scale` times the size and back, by Pillow's filters.
void rescale(Grey& picture, double scale, bool cubic);
/// Normal noise of that deviation, more where it is bright when `counting` (quanta).
void add_noise(Grey& picture, double sigma, bool counting, Random& random);
/// What baseline JPEG of that quality (1 … 100) leaves: 8x8 cosine transforms, the luminance table
/// of ITU-T T.81 (table K.1) scaled as the Independent JPEG Group does.
void jpeg(Grey& picture, int quality);
/// Grey value `level` on the outermost pixels, so many from each side.
void frame(Grey& picture, int top, int bottom, int left, int right, float level);
/// A white letter R, so high, with its upper left corner there; all in shares of the side.
void mark(Grey& picture, double top, double left, double height);
/// Cuts top and bottom by the share `rows` of the side, left and right by `columns`, and enlarges
/// what is left to the whole square (bilinear): unequal shares change the proportions.
void crop(Grey& picture, double rows, double columns);
/// (value - 0.5) * contrast + 0.5 + brightness, then the power `gamma`; cut to 0 … 1.
void tone(Grey& picture, double contrast, double brightness, double gamma);
/// Through a rising, piecewise linear curve from (0, 0) to (1, 1) with such slopes, scaled to fit.
void bend(Grey& picture, std::span<const double> slopes);
/// `share` of the way to a picture whose levels occur equally often.
void equalise(Grey& picture, double share);
/// Takes away `share` of the difference between a Gaussian of an eighth of the side and the mean.
void flatten(Grey& picture, double share);

/// Where pixel (y, x) of the result comes from: affine, around the centre.
struct Warp {
  double yy = 1, yx = 0, xy = 0, xx = 1;  ///< source = matrix * result
  double shift_y = 0, shift_x = 0;        ///< pixels
};
/// Bilinear; outside the picture its edge (`repeat`) or black.
void warp(Grey& picture, const Warp& by, bool repeat);

}  // namespace thorax::learn
