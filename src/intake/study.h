// What a source holds: studies, their series, and the instances of each, as read from the headers.
// Plain values: everything here has crossed the border of the decoding child as data.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/notice.h"
#include "volume/volume.h"

namespace thorax::intake {

/// One image frame set with one header: a DICOM instance, a NIfTI volume or a picture.
/// Absent attributes are empty or nullopt; nothing is guessed here.
struct Instance {
  std::size_t entry = 0;  ///< which file of the source (see Source::entries)
  std::string sop_instance_uid, sop_class_uid, transfer_syntax_uid;
  std::string modality;
  std::vector<std::string> image_type;
  std::string frame_of_reference_uid;
  std::optional<int> instance_number, acquisition_number, temporal_position;
  std::optional<std::array<double, 3>> position;       ///< ImagePositionPatient, mm LPS
  std::optional<std::array<double, 6>> orientation;    ///< ImageOrientationPatient: row, column
  std::optional<std::array<double, 2>> pixel_spacing;  ///< between rows, between columns (mm)
  std::optional<double> slice_thickness, spacing_between_slices, gantry_tilt, slice_location;
  std::optional<double> rescale_slope, rescale_intercept;
  std::optional<int> pixel_padding;
  std::vector<double> window_center, window_width;
  std::string photometric;
  int rows = 0, columns = 0, frames = 1, samples = 1;
  int bits_allocated = 0, bits_stored = 0;
  bool is_signed = false;
  bool has_pixels = false;
  /// For enhanced multi-frame objects: per frame, in stored order; empty for single-frame ones.
  struct Frame {
    std::optional<std::array<double, 3>> position;
    std::optional<std::array<double, 6>> orientation;
    std::optional<double> rescale_slope, rescale_intercept;
  };
  std::vector<Frame> per_frame;
};

/// Attributes shared by a series (from its first instance in stored order).
struct SeriesHeader {
  std::string study_instance_uid, series_instance_uid;
  std::string modality, body_part, protocol, study_description, series_description;
  std::string manufacturer, model_name, kernel, contrast_agent, view_position, laterality;
  std::optional<int> series_number;
  std::optional<double> kvp;
};

/// Why a series is, or is not, the one that is read.
enum class SeriesRole { taken, candidate, set_aside };

struct Series {
  SeriesHeader header;
  std::vector<Instance> instances;
  SeriesRole role = SeriesRole::candidate;
  std::vector<Notice> reasons;  ///< why it has this role
  /// Rows of the group key that split one SeriesInstanceUID, e.g. "orientation"; empty if not
  /// split.
  std::string split_by;
  int part = 0;  ///< number of the part when split, from 0

  std::size_t image_count() const;  ///< instances, or frames of multi-frame ones
};

struct Patient {
  std::string id, name, sex;
  std::optional<double> age_years;
  std::string birth_date;
};

/// A file of the source that is no image of the study, and why.
struct SetAside {
  std::string path;
  Notice reason;
};

enum class StudyKind { ct, xray, other };

struct Study {
  std::string study_instance_uid;  ///< empty for NIfTI and pictures
  std::string study_date, study_time, study_id, accession_number, referring_physician;
  Patient patient;
  StudyKind kind = StudyKind::other;
  std::vector<Series> series;
  std::vector<SetAside> set_aside;
  std::vector<Notice> notices;

  /// The series with role taken; nullptr when none is.
  const Series* chosen() const;
};

/// What the geometry of a series turned out to be.
struct GeometryReport {
  int slices = 0;           ///< distinct positions that carry an image
  int expected_slices = 0;  ///< slices plus the missing ones
  int duplicates = 0;       ///< instances dropped because another had the same position
  std::vector<double> missing_positions;  ///< mm along the normal
  double missing_percent = 0;
  double spacing_mm = 0;  ///< median gap
  double spacing_min_mm = 0, spacing_max_mm = 0;
  double tilt_degrees = 0;       ///< gantry tilt that was corrected by shearing; 0 for none
  double obliquity_degrees = 0;  ///< angle to the nearest patient axes that was resampled away
  std::string plane;             ///< "axial", "coronal", "sagittal" as acquired
  bool interpolated = false;     ///< some voxels are interpolated (missing slices, tilt, obliquity)
};

/// The chosen series as Hounsfield units on an axis-parallel LPS grid.
struct LoadedVolume {
  volume::CtVolume hu;
  GeometryReport geometry;
  std::vector<Notice> notices;
  /// SOP instance of each axial slice of `hu`, from feet to head; empty where a slice was made.
  std::vector<std::string> slice_sop_uids;
  /// 1 where the scanner gave no value (padding, outside the field of view); may be empty.
  volume::Mask outside;
};

struct LoadedImage {
  volume::Image image;
  std::vector<Notice> notices;
};

}  // namespace thorax::intake
