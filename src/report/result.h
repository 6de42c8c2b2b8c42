// The result of one study: everything a report says, as plain values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/measurement.h"
#include "base/notice.h"
#include "base/place.h"
#include "findings/decision.h"

namespace thorax::report {

enum class Trust { good, usable, unfit };

struct SeriesRow {
  std::string uid, description, modality, role;  ///< role: taken | candidate | set_aside
  int images = 0;
  std::optional<double> slice_thickness;
  std::string kernel;
  std::vector<Notice> reasons;
};

struct FileRow {
  std::string path;
  Notice reason;
};

/// One lesion of the list under the findings.
struct LesionRow {
  std::string finding_id;  ///< "Lung nodule", …
  Place place;
  Text description;  ///< "9 mm solid nodule, right lung, upper third"
  double diameter_mm = 0, volume_mm3 = 0, mean_hu = 0, score = 0;
};

struct Picture {
  std::string name;  ///< file name without extension: "key-1", "coronal"
  Text caption;
  std::vector<std::uint8_t> png;
};

struct Histogram {
  double first_hu = 0;
  double bin_hu = 1;
  std::vector<double> counts;
};

struct StageTime {
  std::string stage;
  double seconds = 0;
};

/// Where the numbers come from.
struct Provenance {
  std::string program_version;
  std::string input_sha256;
  struct Model {
    std::string name, version, sha256;
  };
  std::vector<Model> models;
  std::vector<std::pair<std::string, std::string>> settings;  ///< those that differ from default
  std::vector<StageTime> timings;  ///< the only part of a result that differs between runs
  double seconds = 0;
};

struct StudyResult {
  std::string path;                                     ///< as the user named it
  std::string study_uid, series_uid, study_date, kind;  ///< kind: ct | xray | other
  std::string patient_id, patient_sex;
  std::optional<double> patient_age;

  std::optional<Notice> failure;  ///< set: processing_status is Failure and what follows is partial
  Trust trust = Trust::unfit;
  std::vector<Notice> trust_reasons;
  std::vector<Notice> notices;  ///< warnings and infos of every stage, in order

  std::vector<SeriesRow> series;
  std::vector<FileRow> files_set_aside;
  Measurements quality;
  Measurements measurements;
  std::optional<findings::Decision> decision;
  std::vector<LesionRow> lesions;
  std::vector<Picture> pictures;
  std::optional<Histogram> lung_histogram;
  Provenance provenance;

  bool ok() const { return !failure; }
};

}  // namespace thorax::report
