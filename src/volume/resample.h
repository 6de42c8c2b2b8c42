// Bringing voxels to another grid.
#pragma once

#include "volume/volume.h"

namespace thorax::volume {

/// Trilinear interpolation at the voxel centres of `target`; points outside the source take
/// `outside`.
CtVolume resample_linear(const CtVolume& source, const Grid& target, std::int16_t outside = -1024);
Volume<float> resample_linear(const Volume<float>& source, const Grid& target, float outside = 0);

/// Nearest neighbour; for labels and masks.
Labels resample_nearest(const Labels& source, const Grid& target, std::uint8_t outside = 0);

/// The grid that covers the same space with cubes of about `mm` (never finer than the source along
/// an axis when `coarsen_only`).
Grid isotropic_grid(const Grid& source, double mm, bool coarsen_only = true);

/// Mean over blocks that cover the source; a block at the border averages what is there. The fast,
/// noise-reducing way to a coarse grid: `target` must come from isotropic_grid(source, …).
CtVolume shrink_mean(const CtVolume& source, const Grid& target);

/// A sub-block of voxels, [low, high) per axis.
CtVolume crop(const CtVolume& source, Index low, Index high);
Mask crop(const Mask& source, Index low, Index high);

}  // namespace thorax::volume
