// The header of one DICOM file as the series model wants it.
#pragma once

#include <string>
#include <variant>

#include "intake/dicom_scan.h"
#include "intake/dicom_values.h"
#include "intake/series_model.h"

namespace thorax::intake {

/// Reads the attributes of FileHeader, or says why the file is no image to read; `entry` of the
/// instance is left 0. Absent attributes stay absent. Throws Error(dicom_broken),
/// Error(image_too_large), Error(too_many_frames).
std::variant<FileHeader, Notice> read_dicom_header(const DicomScan& scan, const std::string& shown,
                                                   const Limits& limits);

/// Per-frame values of an enhanced multi-frame object (PS3.3 C.7.6.16), in stored order; shared
/// groups fill what a frame does not say. Empty for objects without functional groups.
std::vector<Instance::Frame> read_functional_groups(const DicomItem& item, Instance& instance);

}  // namespace thorax::intake
