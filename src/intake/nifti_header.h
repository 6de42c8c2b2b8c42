// What both readers of a NIfTI file need of its header.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>

#include "intake/child_bytes.h"
#include "intake/limits.h"
#include "intake/study.h"

namespace thorax::intake {

struct NiftiHeader {
  int rows = 0, columns = 0, slices = 0;
  int datatype = 0;  ///< DT_... of nifti1.h
  int bytes_per_voxel = 0;
  bool swapped = false;  ///< other byte order than this machine's
  double slope = 1, intercept = 0;
  std::size_t offset = 0;                         ///< of the first voxel
  std::array<std::array<double, 4>, 3> to_ras{};  ///< from (column, row, slice) to mm RAS
};

/// The longer of both headers: 348 bytes of NIfTI-1, 540 of NIfTI-2.
inline constexpr std::size_t kNiftiHeaderBytes = 540;

NiftiHeader parse_nifti_header(std::span<const std::uint8_t> file, const std::string& shown,
                               const Limits& limits);

/// The first `bytes` of a gz file, fewer when it holds fewer. Throws Error(nifti_broken) and what
/// Expansion throws.
Bytes gunzip(std::span<const std::uint8_t> packed, std::size_t bytes, const std::string& shown,
             const Limits& limits);

}  // namespace thorax::intake
