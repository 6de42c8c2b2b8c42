// A CT as networks that label voxels want it: the axes right, front, head, voxels of one size, HU
// of a window as 0 … 1; and labels back on the CT's own grid.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "prepare/window_grid.h"
#include "volume/volume.h"

namespace thorax::prepare {

struct SegmentationVolumeOptions {
  std::array<double, 3> spacing{1, 1, 1};  ///< mm; right, front, head
  double low = -1000, high = 400;          ///< HU that become 0 and 1; values beyond are clipped
  /// Cropped around the centre, or zeros around, to that many voxels; 0 leaves an axis as it is.
  std::array<int, 3> padded_to{0, 0, 0};
};

class SegmentationVolume {
 public:
  /// Resampled trilinearly: the first voxel's centre stays, an axis gets round((n - 1) * from / to)
  /// + 1 voxels (MONAI 1.3.2, Orientationd "RAS" and Spacingd). Throws Error("bad_option"_code) for
  /// spacings, windows and sizes that cannot be.
  SegmentationVolume(const volume::CtVolume& hu, const SegmentationVolumeOptions& options);

  /// Voxels along right, front, head, the last fastest.
  const Grid& size() const { return size_; }
  std::span<const float> values() const { return values_; }

  /// Labels on the CT's grid in the size of values(): the nearest one's; 0 outside.
  std::vector<std::uint8_t> of_ct(const volume::CtVolume& labels) const;
  /// Labels of size() on the CT's grid: of each of its voxels the nearest one's; 0 outside.
  volume::Labels to_ct(std::span<const std::uint8_t> labels) const;

 private:
  volume::Grid ct_;
  std::array<double, 3> scale_{};   // CT voxels a voxel, by axis
  std::array<int, 3> offset_{};     // of the first voxel in the resampled volume; negative: padded
  std::array<int, 3> resampled_{};  // voxels before cropping and padding
  Grid size_{};
  std::vector<float> values_;
};

/// Trilinear, voxel edges aligned, no smoothing (torch's interpolate without align_corners).
void resize_trilinear(std::span<const float> from, const Grid& from_size, const Grid& to_size,
                      std::span<float> to);

}  // namespace thorax::prepare
