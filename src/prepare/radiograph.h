// A radiograph for networks that Thorax trains itself: its grey levels brought to one histogram, so
// that exposure, contrast and gamma of a machine matter less.
#pragma once

#include "prepare/picture.h"

namespace thorax::prepare {

struct RadiographOptions {
  int size = 224;                  ///< pixels a side
  double low = 0.01, high = 0.99;  ///< shares of the pixels that become black and white
  double median = 0.5;             ///< what half of the pixels are darker than, of 0 … 1
  double steepest = 2.5;           ///< bound of the exponent that brings the median there
};

/// Grey (1 channel): levels below and above the given quantiles are cut, the rest is stretched and
/// raised to the power that brings the median where it is wanted. A picture of one level becomes
/// all black.
Picture standardise(const Picture& grey, const RadiographOptions& options = {});

/// ITU-R BT.601 luma of a colour picture, rounded; a grey picture as it is.
Picture to_grey(const Picture& picture);

/// Grey, to exactly size x size (bilinear, antialiased), standardised; [1, 3, size, size] of equal
/// channels, values (level / 255 - 0.5) / 0.5.
NetworkInput prepare_radiograph(const Picture& picture, const RadiographOptions& options = {});

}  // namespace thorax::prepare
