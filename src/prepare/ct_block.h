// A CT volume as CT-CLIP's image encoder wants it. Follows scripts/data_inference_nii.py of
// ibrahimethemhamamci/CT-CLIP a2a155c.
#pragma once

#include <array>

#include "prepare/input.h"
#include "volume/volume.h"

namespace thorax::prepare {

/// Sizes and spacings are in the order of the result: towards the head, the left, the back.
struct CtBlockOptions {
  std::array<int, 3> shape{240, 480, 480};
  std::array<double, 3> spacing{1.5, 0.75, 0.75};  ///< mm
  double low = -1000, high = 1000;                 ///< HU; values beyond are clipped first
  double divisor = 1000;                           ///< HU that become 1
  float padding = -1;                              ///< of what the volume does not cover
};

/// [1, head, left, back] = [1, 240, 480, 480] by default, values in [-1, 1]: clipped, resampled
/// trilinearly (voxel edges aligned, no smoothing) to trunc(size * spacing / target) voxels,
/// divided, then cropped around the centre or padded. In the plane columns come before rows: the
/// array is the transpose of a slice. Only the result is allocated, and one slice a thread. Throws
/// Error("bad_network_input"_code) when an axis is shorter than one target voxel.
NetworkInput prepare_ct_block(const volume::CtVolume& hu, const CtBlockOptions& options = {});
NetworkInput prepare_ct_block(const volume::Volume<float>& hu, const CtBlockOptions& options = {});

}  // namespace thorax::prepare
