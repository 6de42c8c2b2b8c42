#include "report/dicom_source.h"

#include <algorithm>

#include "base/error.h"
#include "base/hash.h"
#include "dicom/bytes.h"

namespace thorax::report {
namespace {

using dicom::put;

bool all_digits(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string date_or(const std::string& date, const char* other) {
  return date.size() == 8 && all_digits(date) ? date : other;
}

/// HHMMSS with or without fractions of a second.
std::string time_or(const std::string& time, const char* other) {
  const std::string whole = time.substr(0, time.find('.'));
  return whole.size() == 6 && all_digits(whole) ? time : other;
}

}  // namespace

std::string DicomSource::frame_of_reference() const {
  return frame_of_reference_uid.empty() ? dicom::uuid_uid("frame of reference " + series_uid)
                                        : frame_of_reference_uid;
}

void put_common(DcmItem& item, const DicomSource& source, const std::string& program_version) {
  put(item, DCM_SpecificCharacterSet, "ISO_IR 192");
  put(item, DCM_PatientName, source.patient_name);
  put(item, DCM_PatientID, source.patient_id);
  put(item, DCM_PatientBirthDate, date_or(source.patient_birth_date, ""));
  put(item, DCM_PatientSex, source.patient_sex);
  put(item, DCM_StudyInstanceUID, source.study_uid);
  put(item, DCM_StudyDate, date_or(source.study_date, ""));
  put(item, DCM_StudyTime, time_or(source.study_time, ""));
  put(item, DCM_StudyID, source.study_id);
  if (!source.study_description.empty()) put(item, DCM_StudyDescription, source.study_description);
  put(item, DCM_AccessionNumber, source.accession_number);
  put(item, DCM_ReferringPhysicianName, source.referring_physician);
  put(item, DCM_ContentDate, date_or(source.study_date, "19000101"));
  put(item, DCM_ContentTime, time_or(source.study_time, "000000"));
  put(item, DCM_InstanceNumber, "1");
  put(item, DCM_Manufacturer, "Thorax");
  put(item, DCM_ManufacturerModelName, "Thorax");
  put(item, DCM_DeviceSerialNumber, program_version);
  put(item, DCM_SoftwareVersions, program_version);
}

DicomObject finish(DcmFileFormat& file) {
  DcmDataset& dataset = *file.getDataset();
  const auto text = [&](const DcmTagKey& tag) {
    OFString value;
    dataset.findAndGetOFString(tag, value);
    return std::string(value.data(), value.size());
  };
  const auto write = [&] {
    std::string bytes = dicom::file_bytes(file, EXS_LittleEndianExplicit);
    if (bytes.empty()) throw Error("internal"_code, {{"detail", "DICOM object"}});
    return bytes;
  };
  DicomObject object;
  object.sop_class_uid = text(DCM_SOPClassUID);
  // A file has to have both before it can be written.
  put(dataset, DCM_SOPInstanceUID, object.sop_class_uid);
  put(dataset, DCM_SeriesInstanceUID, object.sop_class_uid);
  const std::string content = sha256_hex(write());
  object.sop_instance_uid = dicom::uuid_uid("instance " + content);
  object.series_uid = dicom::uuid_uid("series " + content);
  put(dataset, DCM_SOPInstanceUID, object.sop_instance_uid);
  put(dataset, DCM_SeriesInstanceUID, object.series_uid);
  object.bytes = write();
  return object;
}

}  // namespace thorax::report
