// A picture's bands of detail, from the finest on, each brought to one energy.
#pragma once

#include "nets/pch.h"
#include "prepare/bands.h"

namespace thorax::nets {

/// x [B, C, H, W]: the same with the energy of every band in the middle of the picture as wanted,
/// so that sharpness, noise and local contrast of a machine or a file format matter less. The
/// bands are those of the starlet transform, whose low pass is the spline [1 4 6 4 1] / 16 with
/// 2^band pixels between its places; what lies outside of the picture does not count. fp32; no
/// gradient flows.
/// References: Starck, Murtagh, "Astronomical Image and Data Analysis", 2006 (the transform);
/// Philipsen et al., "Localized energy-based normalization of medical images: application to chest
/// radiography", IEEE TMI 2015 (bands brought to one energy).
at::Tensor equal_bands(const at::Tensor& x, const prepare::BandOptions& options);

}  // namespace thorax::nets
