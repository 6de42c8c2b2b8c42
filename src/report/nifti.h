// Volumes as NIfTI-1 files.
#pragma once

#include <cstdint>
#include <vector>

#include "volume/volume.h"

namespace thorax::report {

/// A gzip-compressed single-file NIfTI-1 (.nii.gz) of 8-bit labels. NIfTI's world is RAS: its
/// sform and qform (code 1, scanner) take the array's x and y, which run to the left and the back,
/// against its axes. The same labels give the same bytes.
std::vector<std::uint8_t> encode_nifti(const volume::Labels& labels);

/// A .nii.gz whose axial slices can be read one by one.
struct SlicedNifti {
  std::vector<std::uint8_t> bytes;
  std::uint64_t first = 0;          ///< where the first slice begins in `bytes`
  std::vector<std::uint64_t> ends;  ///< where each slice ends, and the next one begins
};

/// Hounsfield units as a NIfTI-1 of 16-bit values, placed as the labels above. It is one ordinary
/// gzip member; each slice begins at a byte boundary and refers to nothing before it (deflate's
/// full flush, RFC 1951), so that the bytes between two places, followed by an empty last block (03
/// 00), are a raw deflate stream of that slice alone. Compressed fast, on several cores; the same
/// voxels give the same bytes.
SlicedNifti encode_sliced_nifti(const volume::CtVolume& hu);

}  // namespace thorax::report
