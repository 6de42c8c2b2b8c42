#include "intake/series_model.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "intake/series_split.h"

namespace thorax::intake {
namespace {

/// NIfTI volumes and pictures carry no UIDs: each is a study of its own.
bool stands_alone(const FileHeader& file) {
  const Instance& i = file.instance;
  return file.series.study_instance_uid.empty() && file.series.series_instance_uid.empty() &&
         i.sop_instance_uid.empty() && i.sop_class_uid.empty() && (i.frames > 1 || !i.position);
}

std::string study_key(const FileHeader& file) {
  if (stands_alone(file)) return "file\n" + std::to_string(file.instance.entry);
  const std::string& uid = file.series.study_instance_uid;
  // Without a UID the patient and the day keep studies apart.
  return uid.empty()
             ? "patient\n" + file.patient.id + "\n" + file.patient.name + "\n" + file.study_date
             : "uid\n" + uid;
}

std::string series_key(const FileHeader& file) {
  const SeriesHeader& s = file.series;
  if (!s.series_instance_uid.empty()) return s.series_instance_uid;
  return "\n" + s.modality + "\n" + (s.series_number ? std::to_string(*s.series_number) : "") +
         "\n" + s.series_description;
}

/// The same file stored twice: equal SOP instance, number and position. (Some anonymisers give
/// every slice the same SOPInstanceUID, so that alone is not enough.)
std::size_t drop_copies(std::vector<FileHeader>& files) {
  using Key = std::tuple<std::string, std::string, std::optional<int>,
                         std::optional<std::array<double, 3>>>;
  std::set<Key> seen;
  const std::size_t before = files.size();
  std::erase_if(files, [&](const FileHeader& f) {
    return !f.instance.sop_instance_uid.empty() &&
           !seen.emplace(f.series.series_instance_uid, f.instance.sop_instance_uid,
                         f.instance.instance_number, f.instance.position)
                .second;
  });
  return before - files.size();
}

Study make_study(std::vector<FileHeader> files) {
  Study study;
  study.study_instance_uid = files.front().series.study_instance_uid;
  study.patient = files.front().patient;
  const auto take_first = [&files](std::string& value, std::string FileHeader::*attribute) {
    for (const FileHeader& file : files)
      if (value.empty()) value = file.*attribute;
  };
  take_first(study.study_date, &FileHeader::study_date);
  take_first(study.study_time, &FileHeader::study_time);
  take_first(study.study_id, &FileHeader::study_id);
  take_first(study.accession_number, &FileHeader::accession_number);
  take_first(study.referring_physician, &FileHeader::referring_physician);
  if (const std::size_t copies = drop_copies(files); copies > 0)
    study.notices.push_back({"repeated_files"_code, {{"count", std::to_string(copies)}}});
  for (auto& members : group_by(std::move(files), series_key)) {
    SplitSeries split = split_series(std::move(members));
    int number = 0;
    for (SeriesPart& part : split.parts) {
      Series series;
      series.header = part.files.front().series;
      if (series.header.modality.empty())
        series.header.modality = part.files.front().instance.modality;
      series.split_by = split.split_by;
      series.part = number++;
      for (FileHeader& file : part.files) series.instances.push_back(std::move(file.instance));
      study.series.push_back(std::move(series));
    }
  }
  choose_series(study);
  return study;
}

}  // namespace

std::vector<Study> group_studies(std::vector<FileHeader> headers) {
  std::stable_sort(headers.begin(), headers.end(), [](const auto& a, const auto& b) {
    return a.instance.entry < b.instance.entry;
  });
  std::vector<Study> studies;
  for (auto& files : group_by(std::move(headers), study_key))
    studies.push_back(make_study(std::move(files)));
  return studies;
}

}  // namespace thorax::intake
