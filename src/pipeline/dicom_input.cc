#include "pipeline/dicom_input.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "pipeline/marks.h"

namespace thorax::pipeline {
namespace {

/// As the volume's: rows to the left, columns to the back.
bool runs_like_volume(const intake::Instance& instance) {
  constexpr std::array<double, 6> kVolume{1, 0, 0, 0, 1, 0};
  constexpr double kTolerance = 1e-3;  // 0.05 degrees, as intake takes axes for parallel
  if (!instance.orientation) return false;
  for (std::size_t i = 0; i < kVolume.size(); ++i)
    if (std::abs((*instance.orientation)[i] - kVolume[i]) > kTolerance) return false;
  return true;
}

/// The instance of each slice of the volume; empty when the slices are no instances.
std::vector<std::optional<std::size_t>> slices_of(const intake::Series& series,
                                                  const intake::LoadedVolume& ct) {
  std::map<std::string, std::size_t> known;
  for (std::size_t i = 0; i < series.instances.size(); ++i) {
    if (series.instances[i].frames > 1) return {};
    known.emplace(series.instances[i].sop_instance_uid, i);
  }
  std::vector<std::optional<std::size_t>> slices;
  for (const std::string& uid : ct.slice_sop_uids) {
    const auto found = uid.empty() ? known.end() : known.find(uid);
    slices.push_back(found == known.end() ? std::nullopt : std::optional(found->second));
  }
  const bool none = std::none_of(slices.begin(), slices.end(), [](const auto& s) { return !!s; });
  return none ? std::vector<std::optional<std::size_t>>() : slices;
}

}  // namespace

report::DicomSource dicom_source(const intake::Study& study, const intake::Series& series,
                                 const intake::LoadedVolume* ct) {
  report::DicomSource source;
  source.patient_id = study.patient.id;
  source.patient_name = study.patient.name;
  source.patient_birth_date = study.patient.birth_date;
  source.patient_sex = study.patient.sex;
  source.study_uid = study.study_instance_uid;
  source.study_date = study.study_date;
  source.study_time = study.study_time;
  source.study_id = study.study_id;
  source.study_description = series.header.study_description;
  source.accession_number = study.accession_number;
  source.referring_physician = study.referring_physician;
  source.series_uid = series.header.series_instance_uid;
  source.same_orientation =
      std::all_of(series.instances.begin(), series.instances.end(), runs_like_volume);
  if (ct) source.slices = slices_of(series, *ct);
  for (const intake::Instance& instance : series.instances) {
    if (instance.sop_instance_uid.empty()) continue;
    if (source.frame_of_reference_uid.empty())
      source.frame_of_reference_uid = instance.frame_of_reference_uid;
    source.instances.push_back({instance.sop_class_uid, instance.sop_instance_uid});
  }
  // Indices hold only while no instance was left out.
  if (source.instances.size() != series.instances.size()) source.slices.clear();
  // A radiograph is its series' first image.
  if (!ct && source.instances.size() > 1) source.instances.resize(1);
  return source;
}

std::vector<report::SegmentMask> segment_masks(const StudyAnalysis& analysis) {
  using report::Organ;
  std::vector<report::SegmentMask> masks;
  const std::string own = "Thorax " + analysis.result.provenance.program_version;
  if (analysis.measured) {
    const volume::Labels& findings = analysis.measured->findings;
    for (const auto& [value, mark] : marked(findings).marks)
      masks.push_back({&findings, value, report::meaning_of(mark), own});
    for (const auto& [value, organ] : {std::pair{measure::kLeftLung, Organ::left_lung},
                                       {measure::kRightLung, Organ::right_lung},
                                       {measure::kAirways, Organ::airways},
                                       {measure::kHeart, Organ::heart},
                                       {measure::kAorta, Organ::aorta},
                                       {measure::kSpine, Organ::spine}})
      masks.push_back({&analysis.measured->anatomy, value, report::meaning_of(organ), own});
  }
  if (analysis.result.organs && !analysis.organs.empty())
    for (const report::OrganVolumes::Organ& organ : analysis.result.organs->organs)
      masks.push_back({&analysis.organs, static_cast<std::uint8_t>(organ.label),
                       report::meaning_of_organ(organ.name), analysis.result.organs->model});
  return masks;
}

}  // namespace thorax::pipeline
