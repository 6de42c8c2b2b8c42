// What DICOM objects say of where they come from, and how they are named.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dicom/dataset.h"

namespace thorax::report {

/// The series that was read, as its headers have it. Absent attributes are empty. Texts are UTF-8.
struct DicomSource {
  std::string patient_id, patient_name, patient_birth_date, patient_sex;
  std::string study_uid, study_date, study_time, study_id, study_description, accession_number,
      referring_physician;
  std::string series_uid, frame_of_reference_uid;
  struct Instance {
    std::string sop_class_uid, sop_instance_uid;
  };
  std::vector<Instance> instances;
  /// Which instance each axial slice of the volume is, feet to head; none where a slice was made
  /// from others. Empty when the volume has slices of its own: a tilted, oblique or reformatted
  /// series, or one of multi-frame instances.
  std::vector<std::optional<std::size_t>> slices;
  /// Rows of the volume run as those of the instances, so do its columns.
  bool same_orientation = true;

  /// What is no DICOM (NIfTI, pictures) gives no DICOM objects.
  bool is_dicom() const { return !study_uid.empty() && !instances.empty(); }
  /// That of the series, or one made from the series' own UID.
  std::string frame_of_reference() const;
};

/// A finished object.
struct DicomObject {
  std::string sop_class_uid, sop_instance_uid, series_uid;
  std::string bytes;  ///< the file, Explicit VR Little Endian
};

/// Patient, General Study, General Equipment and Enhanced General Equipment, SOP Common, and the
/// date and time of the content: those of the study, since an object that told when it was made
/// would differ each time. 19000101 where the study has none and the standard wants one.
void put_common(DcmItem& item, const DicomSource& source, const std::string& program_version);

/// Gives the object the UIDs of its series and of itself, made from its content, so that other
/// content has other UIDs and the same content the same; and writes it.
/// Throws Error("internal"_code) when DCMTK refuses.
DicomObject finish(DcmFileFormat& file);

}  // namespace thorax::report
