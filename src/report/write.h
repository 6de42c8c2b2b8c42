// A study's folder: result.json, report.html, report.txt and, on request, pictures and masks.
#pragma once

#include <filesystem>
#include <vector>

#include "report/dicom_seg.h"
#include "report/result.h"
#include "report/viewer.h"
#include "volume/volume.h"

namespace thorax::report {

/// Name of the result in a study's folder.
inline constexpr const char* kResultName = "result.json";

/// Label volumes to hand out as NIfTI; nullptr or empty ones are left out.
struct Masks {
  const volume::Labels* anatomy = nullptr;
  const volume::Labels* findings = nullptr;
  const volume::Labels* organs = nullptr;  ///< of a network; written whenever there
};

/// What a viewer shows; nullptr or empty: nothing to show.
struct ViewerInput {
  const volume::CtVolume* hu = nullptr;
  std::vector<LabelMeaning> anatomy, findings;  ///< what the masks' values stand for
};

/// What DICOM objects are made from. A source that is no DICOM gives none.
struct DicomInput {
  DicomSource source;
  std::vector<SegmentMask> masks;
};

struct OutputOptions {
  std::filesystem::path folder;      ///< of this study; made, or replaced when it is a report
  Language language = Language::en;  ///< that the page opens in
  bool identify = false;             ///< write the patient's name and id
  bool write_html = true;
  bool write_pictures = false;  ///< pictures/*.png with their overlays
  bool write_masks = false;     ///< anatomy.nii.gz, findings.nii.gz
  bool write_view = false;      ///< view.json with the volume or the radiograph, and masks
};

/// Writes everything into a temporary folder beside the place and renames it, so that a reader (or
/// Ctrl-C) never meets half a report. A folder that already holds a result.json, or is empty, is
/// replaced; any other is refused with Error("cannot_write"_code). Returns the result as written,
/// with the hash of every file. With a DICOM source a study that was read gets report.dcm, and
/// segmentation.dcm where a mask has voxels.
StudyResult write_study(const StudyResult& result, const Masks& masks, const OutputOptions& options,
                        const ViewerInput& viewer = {}, const DicomInput& dicom = {});

}  // namespace thorax::report
