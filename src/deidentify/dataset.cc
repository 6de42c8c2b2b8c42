#include "deidentify/dataset.h"

#include <dcmtk/dcmdata/dcfilefo.h>
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dcitem.h>
#include <dcmtk/dcmdata/dcmetinf.h>
#include <dcmtk/dcmdata/dcsequen.h>
#include <dcmtk/dcmdata/dctk.h>

#include <memory>
#include <vector>

#include "base/error.h"
#include "deidentify/profile.h"
#include "dicom/bytes.h"

namespace thorax::deidentify {
namespace {

constexpr const char* kRemoved = "REMOVED";
constexpr const char* kMethod = "PS3.15 2024b Basic Application Level Confidentiality Profile";

Kind kind_of(const DcmElement& element) {
  const DcmTag known(element.getTag().getXTag());
  if (known.error().bad()) return Kind::unknown;
  switch (element.ident()) {
    case EVR_DA:
    case EVR_DT:
    case EVR_TM:
      return Kind::date;
    case EVR_UI:
      return Kind::uid;
    case EVR_PN:
      return Kind::name;
    case EVR_SQ:
      return Kind::sequence;
    case EVR_UN:
      return Kind::unknown;
    default:
      return element.isaString() ? Kind::text : Kind::number;
  }
}

std::string text_of(DcmItem& item, const DcmTagKey& tag) {
  OFString value;
  item.findAndGetOFStringArray(tag, value);
  return {value.c_str(), value.length()};
}

std::string text_of(DcmElement& element) {
  OFString value;
  element.getOFStringArray(value);
  return {value.c_str(), value.length()};
}

/// Every value of an attribute by itself.
template <class Change>
std::string each_value(const std::string& values, Change&& change) {
  std::string out;
  for (std::size_t at = 0; at <= values.size();) {
    const std::size_t end = std::min(values.find('\\', at), values.size());
    out += (at > 0 ? "\\" : "") + change(values.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

class Cleaner {
 public:
  Cleaner(const Pseudonyms& pseudonyms, Dates dates, int days)
      : pseudonyms_(pseudonyms), dates_(dates), days_(days) {}

  void clean(DcmItem& item) const {
    for (unsigned long i = 0; i < item.card();) {
      DcmElement& element = *item.getElement(i);
      const std::uint32_t tag =
          static_cast<std::uint32_t>(element.getGTag()) << 16 | element.getETag();
      const Kind kind = kind_of(element);
      Action action = action_of(tag, kind);
      if (action == Action::date) {
        action = removed_date(tag);
        if (dates_ != Dates::remove && may_keep_date(tag) && keeps_date(element))
          action = Action::keep;
      }
      if (action == Action::inside || (action == Action::keep && kind == Kind::sequence))
        clean_items(element);
      if (action == Action::uid)
        replace(element,
                each_value(text_of(element), [&](auto&& value) { return pseudonyms_.uid(value); }));
      if (action == Action::empty) element.clear();
      if (action == Action::dummy && !put_dummy(element)) action = Action::remove;
      if (action == Action::remove)
        delete item.remove(i);
      else
        ++i;
    }
  }

 private:
  void clean_items(DcmElement& element) const {
    auto* sequence = dynamic_cast<DcmSequenceOfItems*>(&element);
    for (unsigned long i = 0; sequence && i < sequence->card(); ++i) clean(*sequence->getItem(i));
  }

  static void replace(DcmElement& element, const std::string& value) {
    element.putOFStringArray(OFString(value.c_str(), value.size()));
  }

  /// Moves it when dates are moved; false when it cannot be moved.
  bool keeps_date(DcmElement& element) const {
    if (dates_ == Dates::keep || element.ident() == EVR_TM) return true;
    bool all = true;
    const std::string moved = each_value(text_of(element), [&](const std::string& value) {
      std::string day = Pseudonyms::shifted(value, days_);
      all = all && (value.empty() || !day.empty());
      return day;
    });
    if (all) replace(element, moved);
    return all;
  }

  /// False for what has no value that says nothing.
  static bool put_dummy(DcmElement& element) {
    switch (element.ident()) {
      case EVR_SQ:
        return element.clear().good();
      case EVR_DA:
        return element.putString("19000101").good();
      case EVR_DT:
        return element.putString("19000101000000").good();
      case EVR_TM:
        return element.putString("000000").good();
      case EVR_AS:
        return element.putString("000Y").good();
      default:
        return element.isaString() && element.putString(kRemoved).good();
    }
  }

  const Pseudonyms& pseudonyms_;
  const Dates dates_;
  const int days_;
};

void add_code(DcmItem& item, const char* value, const char* meaning) {
  DcmItem* code = nullptr;
  if (item.findOrCreateSequenceItem(DCM_DeidentificationMethodCodeSequence, code, -2).bad()) return;
  code->putAndInsertString(DCM_CodeValue, value);
  code->putAndInsertString(DCM_CodingSchemeDesignator, "DCM");
  code->putAndInsertString(DCM_CodeMeaning, meaning);
}

/// What was done, as the standard has it said (PS3.15, E.1.1; codes of PS3.16, CID 7050).
void write_down(DcmDataset& dataset, Dates dates) {
  dataset.putAndInsertString(DCM_PatientIdentityRemoved, "YES");
  dataset.putAndInsertString(DCM_DeidentificationMethod, kMethod);
  delete dataset.remove(DCM_DeidentificationMethodCodeSequence);
  add_code(dataset, "113100", "Basic Application Confidentiality Profile");
  if (dates == Dates::keep)
    add_code(dataset, "113106", "Retain Longitudinal Temporal Information Full Dates Option");
  if (dates == Dates::shift)
    add_code(dataset, "113107", "Retain Longitudinal Temporal Information Modified Dates Option");
  dataset.putAndInsertString(DCM_LongitudinalTemporalInformationModified,
                             dates == Dates::keep    ? "UNMODIFIED"
                             : dates == Dates::shift ? "MODIFIED"
                                                     : "REMOVED");
}

/// What a patient is known by: the id, else the name, else the study alone.
std::string patient_of(DcmDataset& dataset) {
  for (const DcmTagKey& tag : {DCM_PatientID, DCM_PatientName, DCM_StudyInstanceUID})
    if (const std::string value = text_of(dataset, tag); !value.empty())
      return tag == DCM_PatientID ? value + '\n' + text_of(dataset, DCM_IssuerOfPatientID) : value;
  return {};
}

Cleaned left_out(Cleaned::Why why) {
  Cleaned out;
  out.left_out = why;
  return out;
}

}  // namespace

Dates parse_dates(const std::string& word) {
  if (word == "remove") return Dates::remove;
  if (word == "shift") return Dates::shift;
  if (word == "keep") return Dates::keep;
  throw Error("bad_option"_code,
              {{"option", "--dates"}, {"value", word}, {"hint", "remove, shift, keep"}});
}

Cleaned clean(std::span<const std::uint8_t> bytes, const Pseudonyms& pseudonyms, Dates dates) {
  DcmFileFormat file;
  DcmInputBufferStream stream;
  stream.setBuffer(bytes.data(), static_cast<offile_off_t>(bytes.size()));
  stream.setEos();
  file.transferInit();
  const OFCondition condition = file.read(stream);
  file.transferEnd();
  DcmDataset& dataset = *file.getDataset();
  if (condition.bad() || dataset.card() == 0) return left_out(Cleaned::Why::unreadable);
  if (!dataset.tagExists(DCM_PixelData) && !dataset.tagExists(DCM_FloatPixelData) &&
      !dataset.tagExists(DCM_DoubleFloatPixelData))
    return left_out(Cleaned::Why::no_pixels);
  if (text_of(dataset, DCM_BurnedInAnnotation) == "YES") return left_out(Cleaned::Why::burned_in);

  const std::string patient = patient_of(dataset);
  const E_TransferSyntax syntax = dataset.getOriginalXfer();
  Cleaner(pseudonyms, dates, pseudonyms.days(patient)).clean(dataset);
  Cleaned out;
  out.patient = pseudonyms.patient(patient);
  dataset.putAndInsertString(DCM_PatientID, out.patient.c_str());
  dataset.putAndInsertString(DCM_PatientName, out.patient.c_str());
  write_down(dataset, dates);
  // Made anew of what the object says now; the old one names where it came from.
  file.getMetaInfo()->clear();
  out.study_uid = text_of(dataset, DCM_StudyInstanceUID);
  out.series_uid = text_of(dataset, DCM_SeriesInstanceUID);
  out.instance_uid = text_of(dataset, DCM_SOPInstanceUID);
  out.file = dicom::file_bytes(file, syntax);
  return out.file.empty() ? left_out(Cleaned::Why::unreadable) : out;
}

void register_dictionary() {
  OFLog::configure(OFLogger::OFF_LOG_LEVEL);
  // An attribute that the dictionary knows is what the dictionary says, whatever its file calls it.
  dcmEnableUnknownVRConversion.set(OFTrue);
  if (!dcmDataDict.isDictionaryLoaded())
    throw Error("internal"_code, {{"detail", "DCMTK's dictionary is not installed"}});
}

}  // namespace thorax::deidentify
