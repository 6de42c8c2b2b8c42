// One nodule candidate cut out of the lung.
#pragma once

#include <optional>

#include "measure/blob.h"
#include "volume/volume.h"

namespace thorax::measure {

/// A candidate on a patch of the source grid: voxel (z, y, x) of `mask` is voxel
/// (low.z + z, low.y + y, low.x + x) of the source.
struct NoduleSegment {
  volume::Mask mask;
  volume::Index low;
  double core_hu = 0;        ///< mean of the innermost voxels
  double background_hu = 0;  ///< median of the aerated lung around
  double threshold_hu = 0;   ///< half way between them: the surface of a blurred ball stays put
  double inscribed_mm = 0;   ///< radius of the largest ball inside
  std::size_t surface = 0;   ///< voxels with a face neighbour outside the mask
  std::size_t exits = 0;     ///< of them, next to denser tissue that was cut off (vessels)
  std::size_t wall = 0;      ///< of them, next to the outside of the lung field
};

struct SegmentOptions {
  std::optional<double> threshold_hu;  ///< overrules the half contrast
  double neck = 0.5;  ///< share of the inscribed ball's radius a neck may have at most
};

/// Grows a region from the blob's centre down to half the contrast, inside the lung field
/// (`lung` != 0, same grid as `hu`) and within about twice the blob's radius, and cuts off what
/// hangs on it by a thin neck (Kuhnigk et al., Morphological
/// segmentation and partial volume analysis for volumetry of solid pulmonary lesions, IEEE TMI 25,
/// 2006). Empty when nothing dense enough is there.
std::optional<NoduleSegment> segment_nodule(const volume::CtVolume& hu, const volume::Labels& lung,
                                            const Blob& blob, const SegmentOptions& options = {});

}  // namespace thorax::measure
