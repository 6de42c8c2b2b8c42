// Training pictures that all show the same part of the body (prepare/chest_frame.h).
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "learn/picture_set.h"
#include "learn/split.h"
#include "prepare/chest_frame.h"

namespace thorax::learn {

/// The mean chest of at most 250 training pictures of each class, as many of one as of another,
/// drawn by the seed.
std::shared_ptr<const prepare::ChestAtlas> atlas_of(const PictureSet& set,
                                                    const std::vector<Split>& splits,
                                                    std::uint64_t seed);

/// Where the chest is in each picture of the set.
std::vector<prepare::Frame> frames_of(const PictureSet& set, const prepare::ChestAtlas& atlas);

}  // namespace thorax::learn
