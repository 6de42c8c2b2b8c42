// Label volumes as NIfTI-1 files.
#pragma once

#include <cstdint>
#include <vector>

#include "volume/volume.h"

namespace thorax::report {

/// A gzip-compressed single-file NIfTI-1 (.nii.gz) of 8-bit labels. NIfTI's world is RAS: its
/// sform and qform (code 1, scanner) take the array's x and y, which run to the left and the back,
/// against its axes. The same labels give the same bytes.
std::vector<std::uint8_t> encode_nifti(const volume::Labels& labels);

}  // namespace thorax::report
