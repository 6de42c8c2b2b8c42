// NIfTI-1 and NIfTI-2 volumes (nifti1.h, nifti2.h), plain or gzipped, as series of axial slices.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "intake/child_bytes.h"
#include "intake/series_model.h"

namespace thorax::intake {

/// The header of a NIfTI file as one multi-frame instance: frame k is slice k of the file, with its
/// position and orientation in LPS from the sform (or the qform, or refused when there is neither).
/// NIfTI keeps the first row at the end that its axes point from, as DICOM does. Throws
/// Error(nifti_broken) and Error(nifti_unsupported), Error(image_too_large),
/// Error(too_many_frames).
FileHeader read_nifti_header(const Bytes& file, bool gzipped, const std::string& shown,
                             const Limits& limits);

/// Voxels of a NIfTI file: value = stored * scl_slope + scl_inter (slope 0 means 1).
class NiftiVolume {
 public:
  /// Throws what read_nifti_header does, and what Expansion throws for gzipped files.
  NiftiVolume(const Bytes& file, bool gzipped, const std::string& shown, const Limits& limits);

  int rows() const { return rows_; }
  int columns() const { return columns_; }
  /// What had to be done to the values of a slice to hold them as Hounsfield units.
  struct Content {
    bool outside = false;   ///< some are at or below -2000, or no number: nothing was scanned there
    double rounded_hu = 0;  ///< the most that one was changed by, where it is no whole number
  };
  /// Slice `frame`, rounded and clamped to int16.
  Content slice(int frame, std::span<std::int16_t> hu, std::span<std::uint8_t> outside) const;

 private:
  Bytes data_;
  std::size_t offset_ = 0;
  int rows_ = 0, columns_ = 0, slices_ = 0;
  int datatype_ = 0;
  bool swapped_ = false;
  double slope_ = 1, intercept_ = 0;
};

}  // namespace thorax::intake
