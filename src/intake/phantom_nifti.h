// The phantom's volumes as NIfTI-1 files.
#pragma once

#include <string>

#include "volume/volume.h"

namespace thorax::intake {

/// A single-file NIfTI-1 image ("n+1", little endian) with qform and sform in scanner RAS
/// coordinates, as bytes; gzip-compressed (no name, no date) when asked.
std::string encode_nifti(const volume::CtVolume& hu, bool compressed);
std::string encode_nifti(const volume::Labels& labels, bool compressed);

}  // namespace thorax::intake
