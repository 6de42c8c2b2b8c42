// Where the chest is in a frontal radiograph. Clinics frame it in many ways: how much is seen
// around the lungs, and how wide a picture is for its height, says nothing of the disease but may
// differ between the sick and the healthy of a collection. Laid upon the mean of many chests, every
// picture shows the same part of the body.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "prepare/frame.h"

namespace thorax::prepare {

/// A mean chest: what of pictures is compared (atlas_features.h), as 128 + 50 * its mean.
struct ChestAtlas {
  static constexpr std::size_t kPixels = 64 * 64;

  std::vector<std::uint8_t> levels;  ///< rows from the top
};

/// The mean of pictures that are laid upon each other: each in turn upon the mean of all, again and
/// again ("congealing"; Learned-Miller, "Data driven image models through continuous joint
/// alignment", IEEE TPAMI 2006), by size and place, so that sizes and places are 1 and 0 on
/// average. Grey pictures, at least one.
ChestAtlas make_atlas(std::span<const Picture> pictures);

/// The rectangle in which a grey picture is most like the part of the atlas that networks see (the
/// lungs and little around them): the largest normalised cross-correlation by Levenberg and
/// Marquardt's method, from several starts. Sizes of 0.8 to 1.25 times the atlas's (heights: 0.7 to
/// 1.4) and shifts of up to 0.06 of the width (heights: 0.15) are equally welcome, others count
/// against it.
Frame find_chest(const Picture& grey, const ChestAtlas& atlas);

}  // namespace thorax::prepare
