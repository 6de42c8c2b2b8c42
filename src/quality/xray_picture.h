// What a radiograph looks like from afar: 64 x 64 grey values and what can be read off them.
#pragma once

#include <array>

#include "volume/volume.h"

namespace thorax::quality {

inline constexpr int kThumbSide = 64;

/// A picture without its black frame, box-averaged to 64 x 64 (stretched), its 2nd and 98th
/// percentile brought to 0 and 1 and clipped. Rows from top to bottom, bright = dense.
using Thumb = std::array<float, static_cast<std::size_t>(kThumbSide) * kThumbSide>;

/// A black frame is cut off where all of its inner edges are straight (more than half of the first
/// row and column that are not black are filled): a body on black ground is no framed picture.
Thumb make_thumb(const volume::Image& image);
Thumb negative(const Thumb& thumb);
Thumb upside_down(const Thumb& thumb);
/// Turned by 90 degrees, clockwise.
Thumb quarter_turned(const Thumb& thumb);

/// Signs of a frontal chest.
struct ChestSigns {
  double lung_contrast = 0;     ///< mediastinum minus mean of the lung fields, of the grey range
  double abdomen_contrast = 0;  ///< what lies below the lungs minus the lung fields
  double black_share = 0;       ///< of pixels that are black: the ground of a CT slice
  double symmetry = 0;          ///< correlation of the left half with the mirrored right half
  double likeness = 0;          ///< best correlation with a drawn chest, see chest_signs
  double detail = 0;            ///< mean distance of a thumb's pixel to the mean of its 3 x 3
  double pattern = 0;           ///< match with the chest pattern; about 1 for a chest, 0 for chance
};

/// Columns are averaged over the rows of the lungs: the brightest one near the middle is the
/// mediastinum, the darkest on either side are the lung fields. Likeness is the normalised
/// cross-correlation with a scheme (two dark ellipses, a bright band between, a bright abdomen)
/// over 36 sizes and places of the ellipses. The pattern is a linear discriminant of 8 x 4 means
/// (the two sides averaged, mean removed, unit length): upright chests against turned ones and
/// smooth random pictures (bench/fit_xray_pattern.py). It tells up from down; a picture and its
/// mirror image are the same to it.
ChestSigns chest_signs(const Thumb& thumb);

/// 2nd and 98th percentile of the first channel, and how colourful the picture is (mean distance of
/// the largest and smallest channel as a share of that range; 0 for one channel).
struct PictureRange {
  double low = 0, high = 0, colour = 0;
};
PictureRange picture_range(const volume::Image& image);

}  // namespace thorax::quality
