#include "pipeline/study_rows.h"

#include <algorithm>
#include <filesystem>
#include <set>

namespace thorax::pipeline {
namespace {

report::SeriesRow row_of(const intake::Series& series) {
  report::SeriesRow row;
  row.uid = series_name(series);
  row.description = series.header.series_description;
  row.modality = series.header.modality;
  row.role = to_string(series.role);
  row.images = static_cast<int>(series.image_count());
  if (!series.instances.empty()) row.slice_thickness = series.instances.front().slice_thickness;
  row.kernel = series.header.kernel;
  row.reasons = series.reasons;
  return row;
}

}  // namespace

std::string_view to_string(intake::StudyKind kind) {
  switch (kind) {
    case intake::StudyKind::ct:
      return "ct";
    case intake::StudyKind::xray:
      return "xray";
    case intake::StudyKind::other:
      break;
  }
  return "other";
}

std::string_view to_string(intake::SeriesRole role) {
  switch (role) {
    case intake::SeriesRole::taken:
      return "taken";
    case intake::SeriesRole::candidate:
      return "candidate";
    case intake::SeriesRole::set_aside:
      break;
  }
  return "set_aside";
}

report::Trust trust_of(quality::Trust trust) {
  switch (trust) {
    case quality::Trust::good:
      return report::Trust::good;
    case quality::Trust::usable:
      return report::Trust::usable;
    case quality::Trust::unfit:
      break;
  }
  return report::Trust::unfit;
}

std::string series_name(const intake::Series& series) {
  const std::string& uid = series.header.series_instance_uid;
  return series.split_by.empty() ? uid : uid + '#' + std::to_string(series.part);
}

std::string place_within(const intake::Source& source, const intake::Study& study) {
  namespace fs = std::filesystem;
  std::set<fs::path> files;
  for (const intake::Series& series : study.series)
    for (const intake::Instance& instance : series.instances)
      files.insert(source.entries().at(instance.entry).path);
  if (files.empty()) return {};
  fs::path common = *files.begin();
  if (files.size() > 1) common = common.parent_path();
  for (const fs::path& file : files)
    while (!common.empty() &&
           std::mismatch(common.begin(), common.end(), file.begin(), file.end()).first !=
               common.end())
      common = common.parent_path();
  if (common.empty() || fs::is_directory(source.path())) return common.string();
  const fs::path inside = common.lexically_relative(*common.begin());
  return inside == "." ? std::string() : inside.string();
}

void describe_study(const intake::Source& source, const intake::Study& study,
                    report::StudyResult& result) {
  result.path = source.path().string();
  if (source.studies().size() > 1) result.within = place_within(source, study);
  result.study_uid = study.study_instance_uid;
  result.study_date = study.study_date;
  result.kind = to_string(study.kind);
  result.patient_name = study.patient.name;
  result.patient_id = study.patient.id;
  result.patient_sex = study.patient.sex;
  result.patient_age = study.patient.age_years;
  if (const intake::Series* chosen = study.chosen()) result.series_uid = series_name(*chosen);
  result.notices.insert(result.notices.end(), study.notices.begin(), study.notices.end());
  for (const intake::Series& series : study.series) result.series.push_back(row_of(series));
  for (const intake::SetAside& file : study.set_aside)
    result.files_set_aside.push_back({file.path, file.reason});
}

}  // namespace thorax::pipeline
