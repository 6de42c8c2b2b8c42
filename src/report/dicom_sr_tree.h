// Content items of a structured report (PS3.3 C.17.3) as they are written.
#pragma once

#include <array>
#include <string>

#include "dicom/dataset.h"
#include "report/dicom_source.h"

namespace thorax::report {

enum class Relationship { contains, has_obs_context, has_concept_mod, has_properties };

/// An item and those below it; holds no memory of its own.
class SrItem {
 public:
  /// The root: a container that follows a template of PS3.16.
  SrItem(DcmItem& root, const dicom::Code& title, const std::string& template_id);

  SrItem container(const dicom::Code& name) const;
  SrItem text(Relationship how, const dicom::Code& name, const std::string& value) const;
  SrItem code(Relationship how, const dicom::Code& name, const dicom::Code& value) const;
  SrItem uid(Relationship how, const dicom::Code& name, const std::string& value) const;
  /// `unit`: a code of UCUM.
  SrItem number(const dicom::Code& name, double value, const dicom::Code& unit) const;
  /// One segment of a segmentation.
  SrItem segment(const dicom::Code& name, const DicomObject& object, std::size_t number) const;
  /// A point in the patient, mm.
  SrItem point(const dicom::Code& name, const std::array<double, 3>& at,
               const std::string& frame_of_reference) const;

 private:
  explicit SrItem(DcmItem& item) : item_(&item) {}
  SrItem child(Relationship how, const char* type, const dicom::Code& name) const;

  DcmItem* item_;
};

}  // namespace thorax::report
