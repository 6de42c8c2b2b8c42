// Euclidean distance transforms.
#pragma once

#include "volume/volume.h"

namespace thorax::volume {

/// Exact distance in mm from each voxel centre to the nearest voxel centre with mask != 0
/// (Felzenszwalb and Huttenlocher, Distance Transforms of Sampled Functions, 2012). Infinite where
/// the mask is empty. Threads over lines.
Volume<float> distance_to(const Mask& mask);
/// The same squared, mm^2.
Volume<float> squared_distance_to(const Mask& mask);

}  // namespace thorax::volume
