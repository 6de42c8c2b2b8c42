// Masks as a DICOM Segmentation (PS3.3 A.51), one segment for each finding and organ.
//
// Frames lie on the grid of the volume that was analysed. Where that volume's slices are the
// instances of the series (DicomSource::slices), each frame names the one it was drawn on, or those
// that its slice was made from. Where
// intake had to resample or shear them, frames have positions of their own and name no instance;
// all of them together are said to come from all instances.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/dicom_codes.h"
#include "report/dicom_source.h"
#include "volume/volume.h"

namespace thorax::report {

/// One value of a label volume; all volumes of an object have one grid.
struct SegmentMask {
  const volume::Labels* labels = nullptr;
  std::uint8_t value = 0;
  SegmentMeaning meaning;
  std::string algorithm;  ///< name and version of what drew it
};

struct Segmentation : DicomObject {
  struct Segment {
    SegmentMeaning meaning;
    std::string tracking_id, tracking_uid;
    double volume_ml = 0;
  };
  std::vector<Segment> segments;  ///< number k + 1 in the object
};

/// Binary segments of the masks that have a voxel, in their order, with a frame for each axial
/// slice that a segment touches. Nothing when none has. The same masks and source give the same
/// bytes.
std::optional<Segmentation> encode_segmentation(const DicomSource& source,
                                                const std::string& program_version,
                                                const std::vector<SegmentMask>& masks);

}  // namespace thorax::report
