// A radiograph for networks that Thorax trains itself: its grey levels brought to one histogram, so
// that exposure, contrast and gamma of a machine matter less.
#pragma once

#include <memory>

#include "prepare/chest_frame.h"

namespace thorax::prepare {

struct RadiographOptions {
  int size = 224;                  ///< pixels a side
  double low = 0.01, high = 0.99;  ///< shares of the pixels that become black and white
  double median = 0.5;             ///< what half of the pixels are darker than, of 0 … 1
  double steepest = 2.5;           ///< bound of the exponent that brings the median there
  /// Where the chest is looked for, of which alone the picture is made; none: the whole picture.
  std::shared_ptr<const ChestAtlas> atlas;
};

/// Grey (1 channel): levels below and above the given quantiles are cut, the rest is stretched and
/// raised to the power that brings the median where it is wanted. A picture of one level becomes
/// all black.
Picture standardise(const Picture& grey, const RadiographOptions& options = {});

/// ITU-R BT.601 luma of a colour picture, rounded; a grey picture as it is.
Picture to_grey(const Picture& picture);

/// The part of a grey square that holds its chest, as large as the square; without an atlas the
/// whole.
Picture chest_of(const Picture& grey, const RadiographOptions& options);

/// Grey, to exactly size x size (bilinear, antialiased), its chest, standardised; [1, 3, size,
/// size] of equal channels, values (level / 255 - 0.5) / 0.5.
NetworkInput prepare_radiograph(const Picture& picture, const RadiographOptions& options = {});

/// The part of a picture that prepare_radiograph shows; without an atlas the whole.
Frame find_radiograph_chest(const Picture& picture, const RadiographOptions& options);

}  // namespace thorax::prepare
