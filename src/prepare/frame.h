// A part of a picture as a square.
#pragma once

#include "prepare/picture.h"

namespace thorax::prepare {

/// A rectangle of a picture in shares of its height and width; it may reach beyond the picture.
struct Frame {
  double top = 0, left = 0, height = 1, width = 1;

  bool operator==(const Frame&) const = default;
};

/// That part of a grey picture as size x size (bilinear); beyond the picture its edge is repeated.
Picture framed(const Picture& grey, const Frame& frame, int size);

}  // namespace thorax::prepare
