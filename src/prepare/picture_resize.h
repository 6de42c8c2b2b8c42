// Resizing as the Python library Pillow does it (Image.resize, 8-bit pictures), bit for bit: the
// published networks were trained and are judged with it, and other libraries round and smooth
// differently.
#pragma once

#include "prepare/picture.h"

namespace thorax::prepare {

enum class Filter {
  bilinear,  ///< triangle, support 1
  bicubic,   ///< Keys' cubic with a = -0.5, support 2
};

/// Separable, first along rows, then along columns, each pass rounded to 8 bits. When shrinking,
/// the filter is as many times wider as the picture gets smaller (antialiasing). Weights are
/// normalised, then rounded to 22 fractional bits; sums are rounded half up and cut to 0 … 255. A
/// side that keeps its length is not filtered.
Picture resize(const Picture& picture, int height, int width, Filter filter);

}  // namespace thorax::prepare
