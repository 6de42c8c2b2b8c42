#include "report/dicom_sr_tree.h"

#include <cstdio>

#include "base/error.h"

namespace thorax::report {
namespace {

using dicom::add_item;
using dicom::Code;
using dicom::put;
using dicom::put_code;

const char* name_of(Relationship how) {
  switch (how) {
    case Relationship::contains:
      return "CONTAINS";
    case Relationship::has_obs_context:
      return "HAS OBS CONTEXT";
    case Relationship::has_concept_mod:
      return "HAS CONCEPT MOD";
    case Relationship::has_properties:
      break;
  }
  return "HAS PROPERTIES";
}

}  // namespace

SrItem::SrItem(DcmItem& root, const Code& title, const std::string& template_id) : item_(&root) {
  put(root, DCM_ValueType, "CONTAINER");
  put_code(root, DCM_ConceptNameCodeSequence, title);
  put(root, DCM_ContinuityOfContent, "SEPARATE");
  DcmItem& content_template = add_item(root, DCM_ContentTemplateSequence);
  put(content_template, DCM_MappingResource, "DCMR");
  put(content_template, DCM_TemplateIdentifier, template_id);
}

SrItem SrItem::child(Relationship how, const char* type, const Code& name) const {
  DcmItem& item = add_item(*item_, DCM_ContentSequence);
  put(item, DCM_RelationshipType, name_of(how));
  put(item, DCM_ValueType, type);
  put_code(item, DCM_ConceptNameCodeSequence, name);
  return SrItem(item);
}

SrItem SrItem::container(const Code& name) const {
  SrItem made = child(Relationship::contains, "CONTAINER", name);
  put(*made.item_, DCM_ContinuityOfContent, "SEPARATE");
  return made;
}

SrItem SrItem::text(Relationship how, const Code& name, const std::string& value) const {
  SrItem made = child(how, "TEXT", name);
  put(*made.item_, DCM_TextValue, value);
  return made;
}

SrItem SrItem::code(Relationship how, const Code& name, const Code& value) const {
  SrItem made = child(how, "CODE", name);
  put_code(*made.item_, DCM_ConceptCodeSequence, value);
  return made;
}

SrItem SrItem::uid(Relationship how, const Code& name, const std::string& value) const {
  SrItem made = child(how, "UIDREF", name);
  put(*made.item_, DCM_UID, value);
  return made;
}

SrItem SrItem::number(const Code& name, double value, const Code& unit) const {
  SrItem made = child(Relationship::contains, "NUM", name);
  DcmItem& measured = add_item(*made.item_, DCM_MeasuredValueSequence);
  put(measured, DCM_NumericValue, value);
  put_code(measured, DCM_MeasurementUnitsCodeSequence, unit);
  return made;
}

SrItem SrItem::segment(const Code& name, const DicomObject& object, std::size_t number) const {
  SrItem made = child(Relationship::contains, "IMAGE", name);
  DcmItem& reference = add_item(*made.item_, DCM_ReferencedSOPSequence);
  put(reference, DCM_ReferencedSOPClassUID, object.sop_class_uid);
  put(reference, DCM_ReferencedSOPInstanceUID, object.sop_instance_uid);
  put(reference, DCM_ReferencedSegmentNumber, static_cast<std::uint16_t>(number));
  return made;
}

SrItem SrItem::point(const Code& name, const std::array<double, 3>& at,
                     const std::string& frame_of_reference) const {
  SrItem made = child(Relationship::contains, "SCOORD3D", name);
  put(*made.item_, DCM_GraphicType, "POINT");
  const std::array<Float32, 3> data{static_cast<Float32>(at[0]), static_cast<Float32>(at[1]),
                                    static_cast<Float32>(at[2])};
  if (made.item_->putAndInsertFloat32Array(DCM_GraphicData, data.data(), data.size()).bad())
    throw Error("internal"_code, {{"detail", "GraphicData"}});
  put(*made.item_, DCM_ReferencedFrameOfReferenceUID, frame_of_reference);
  return made;
}

}  // namespace thorax::report
