#include "report/dicom_sr.h"

#include <algorithm>

#include "report/dicom_sr_tree.h"
#include "report/phrases.h"
#include "report/sentences.h"

namespace thorax::report {
namespace {

using dicom::add_item;
using dicom::Code;
using dicom::put;
using enum Relationship;

Code dcm(const char* value, const char* meaning) {
  return {value, "DCM", meaning};
}
Code sct(const char* value, const char* meaning) {
  return {value, "SCT", meaning};
}

Code language_code(Language language) {
  return language == Language::ru ? Code{"ru", "RFC5646", "Russian"}
                                  : Code{"en", "RFC5646", "English"};
}

Code verdict_code(findings::VerdictKind kind) {
  switch (kind) {
    case findings::VerdictKind::normal:
      return own_code("normal", "Normal");
    case findings::VerdictKind::pathology:
      return own_code("pathology", "Pathology");
    case findings::VerdictKind::uncertain:
      break;
  }
  return own_code("uncertain", "Uncertain");
}

class Report {
 public:
  Report(const StudyResult& result, const DicomSource& source, const Segmentation* segmentation,
         Language language)
      : result_(result), source_(source), segmentation_(segmentation), language_(language) {}

  DicomObject encode() {
    DcmDataset& data = *file_.getDataset();
    put_common(data, source_, result_.provenance.program_version);
    put(data, DCM_SOPClassUID, UID_Comprehensive3DSRStorage);
    put(data, DCM_Modality, "SR");
    put(data, DCM_SeriesNumber, "9002");
    put(data, DCM_SeriesDescription, "Thorax: report, research use only");
    put(data, DCM_CompletionFlag, "COMPLETE");
    put(data, DCM_VerificationFlag, "UNVERIFIED");
    for (const DcmTagKey& empty :
         {DCM_ReferencedPerformedProcedureStepSequence, DCM_PerformedProcedureCodeSequence})
      data.insertEmptyElement(empty);
    put_scheme(data);
    put_evidence(data);
    put_content(SrItem(data, dcm("126000", "Imaging Measurement Report"), "1500"));
    return finish(file_);
  }

 private:
  static void put_scheme(DcmItem& data) {
    DcmItem& scheme = add_item(data, DCM_CodingSchemeIdentificationSequence);
    put(scheme, DCM_CodingSchemeDesignator, kOwnScheme);
    put(scheme, DCM_CodingSchemeUID, dicom::uuid_uid(kOwnScheme));
    put(scheme, DCM_CodingSchemeName, "Ids of measurements and findings of Thorax");
    put(scheme, DCM_CodingSchemeResponsibleOrganization, "Thorax");
  }

  /// What the content refers to, by series.
  void put_evidence(DcmItem& data) const {
    DcmItem& study = add_item(data, DCM_CurrentRequestedProcedureEvidenceSequence);
    put(study, DCM_StudyInstanceUID, source_.study_uid);
    const auto add = [](DcmItem& series, const std::string& sop_class, const std::string& sop) {
      DcmItem& item = add_item(series, DCM_ReferencedSOPSequence);
      put(item, DCM_ReferencedSOPClassUID, sop_class);
      put(item, DCM_ReferencedSOPInstanceUID, sop);
    };
    DcmItem& images = add_item(study, DCM_ReferencedSeriesSequence);
    put(images, DCM_SeriesInstanceUID, source_.series_uid);
    for (const DicomSource::Instance& instance : source_.instances)
      add(images, instance.sop_class_uid, instance.sop_instance_uid);
    if (!segmentation_) return;
    DcmItem& masks = add_item(study, DCM_ReferencedSeriesSequence);
    put(masks, DCM_SeriesInstanceUID, segmentation_->series_uid);
    add(masks, segmentation_->sop_class_uid, segmentation_->sop_instance_uid);
  }

  void put_content(const SrItem& root) const {
    root.code(has_concept_mod, dcm("121049", "Language of Content Item and Descendants"),
              language_code(language_));
    root.code(has_obs_context, dcm("121005", "Observer Type"), dcm("121007", "Device"));
    const std::string& version = result_.provenance.program_version;
    root.uid(has_obs_context, dcm("121012", "Device Observer UID"),
             dicom::uuid_uid("Thorax " + version));
    root.text(has_obs_context, dcm("121013", "Device Observer Name"), "Thorax");
    root.text(has_obs_context, dcm("121014", "Device Observer Manufacturer"), "Thorax");
    root.text(has_obs_context, dcm("121015", "Device Observer Model Name"), "Thorax " + version);
    root.text(has_obs_context, dcm("121016", "Device Observer Serial Number"), version);
    root.code(has_concept_mod, dcm("121058", "Procedure reported"),
              result_.kind == "ct" ? sct("169069000", "CT of chest")
                                   : sct("399208008", "Plain X-ray of chest"));
    const SrItem measurements = root.container(dcm("126010", "Imaging Measurements"));
    put_segments(measurements);
    put_lesions(measurements);
    put_findings(measurements);
    put_measurements(measurements);
    put_verdict(root.container({"C0034375", "UMLS", "Qualitative Evaluations"}));
  }

  /// A measurement group (TID 1411, 1501) with what it is followed by.
  SrItem group(const SrItem& measurements, const std::string& id, const std::string& uid) const {
    const SrItem made = measurements.container(dcm("125007", "Measurement Group"));
    made.text(has_obs_context, dcm("112039", "Tracking Identifier"), id);
    made.uid(has_obs_context, dcm("112040", "Tracking Unique Identifier"), uid);
    return made;
  }
  SrItem group(const SrItem& measurements, const std::string& id) const {
    return group(measurements, id, dicom::uuid_uid("group " + source_.series_uid + ' ' + id));
  }

  void put_segments(const SrItem& measurements) const {
    if (!segmentation_) return;
    for (std::size_t k = 0; k < segmentation_->segments.size(); ++k) {
      const Segmentation::Segment& segment = segmentation_->segments[k];
      const SrItem item = group(measurements, segment.tracking_id, segment.tracking_uid);
      item.code(contains, dcm("121071", "Finding"), segment.meaning.type);
      item.segment(dcm("121191", "Referenced Segment"), *segmentation_, k + 1);
      item.uid(contains, dcm("121232", "Source series for segmentation"), source_.series_uid);
      if (segment.meaning.region)
        item.code(has_concept_mod, sct("363698007", "Finding Site"), *segment.meaning.region);
      if (segment.meaning.side)
        item.code(has_concept_mod, sct("272741003", "Laterality"), *segment.meaning.side);
      item.number(sct("118565006", "Volume"), segment.volume_ml, unit_code("mL"));
    }
  }

  void put_lesions(const SrItem& measurements) const {
    for (std::size_t k = 0; k < result_.lesions.size(); ++k) {
      const LesionRow& lesion = result_.lesions[k];
      const SrItem item = group(measurements, "Lesion " + std::to_string(k + 1));
      item.code(contains, dcm("121071", "Finding"),
                finding_code(lesion.finding_id, lesion.finding_id));
      item.point(dcm("111010", "Center"), lesion.place.centre_mm, source_.frame_of_reference());
      if (lesion.diameter_mm > 0)
        item.number(sct("81827009", "Diameter"), lesion.diameter_mm, unit_code("mm"));
      item.number(sct("118565006", "Volume"), lesion.volume_mm3, unit_code("mm3"));
      item.number(dcm("112031", "Attenuation Coefficient"), lesion.mean_hu, unit_code("[hnsf'U]"));
      item.number(own_code("lesion.score", "Rank score of the lesion"), lesion.score,
                  unit_code("1"));
      item.code(contains, own_code("lesion.state", "State of the lesion"),
                lesion.suspicious ? own_code("suspicious", "Suspicious")
                                  : own_code("candidate", "Candidate below the threshold"));
      item.text(contains, dcm("121106", "Comment"), lesion.description.in(language_));
    }
  }

  void put_findings(const SrItem& measurements) const {
    const bool calibrated = result_.decision->verdict.calibrated;
    for (const findings::Finding& finding : result_.decision->findings) {
      if (!finding.analysed) continue;
      const SrItem item = group(measurements, "Finding " + finding.id);
      item.code(contains, dcm("121071", "Finding"), finding_code(finding.id, finding.name.en));
      item.number(calibrated ? own_code("probability", "Probability of the finding")
                             : own_code("score", "Score of the finding, no probability"),
                  finding.score, unit_code("1"));
      item.number(own_code("threshold", "Threshold of the score"), finding.threshold,
                  unit_code("1"));
      item.code(contains, own_code("presence", "Presence"),
                finding.positive ? sct("52101004", "Present") : sct("272519000", "Absent"));
    }
  }

  void put_measurements(const SrItem& measurements) const {
    if (result_.measurements.all().empty()) return;
    const SrItem item = group(measurements, "Measurements of the study");
    for (const Measurement& value : result_.measurements.all()) {
      const SrItem number =
          item.number(own_code(value.id, value.name.en), value.value, unit_code(value.unit));
      if (!value.caveat.in(language_).empty())
        number.text(has_properties, dcm("121106", "Comment"), value.caveat.in(language_));
    }
  }

  void put_verdict(const SrItem& item) const {
    item.text(contains, own_code("notice", "Notice"), kResearchUseOnly.in(language_));
    item.code(contains, own_code("verdict", "Verdict"),
              verdict_code(result_.decision->verdict.kind));
    item.text(contains, dcm("121077", "Conclusion"),
              verdict_sentence(result_.decision->verdict).in(language_));
    for (const Notice& notice : result_.notices)
      if (notice.severity() == Severity::warning)
        item.text(contains, own_code("warning", "Warning"), notice.what(language_));
  }

  const StudyResult& result_;
  const DicomSource& source_;
  const Segmentation* segmentation_;
  const Language language_;
  DcmFileFormat file_;
};

}  // namespace

DicomObject encode_structured_report(const StudyResult& result, const DicomSource& source,
                                     const Segmentation* segmentation, Language language) {
  return Report(result, source, segmentation, language).encode();
}

}  // namespace thorax::report
