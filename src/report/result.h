// The result of one study: everything a report says, as plain values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/measurement.h"
#include "base/notice.h"
#include "base/place.h"
#include "findings/network_opinion.h"

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

/// Where a network of body parts places the scan. The picture decides whether it is a chest.
struct BodyPartRow {
  std::string model;   ///< name of the model folder
  std::string part;    ///< "CHEST", "CHEST-ABDOMEN" …; "NONE" when none is recognised
  bool agrees = true;  ///< with the chest gate
  std::optional<std::array<int, 2>> chest_slices;  ///< first and last, from 0 at the feet
  int slice_step = 1;                              ///< scores are of slices 0, step, 2 step …
  std::vector<double> scores;  ///< 0 at the pelvis, 100 at the eyes; NaN for slices left out
};

/// What a network that outlines organs saw, on the CT's own grid.
struct OrganVolumes {
  std::string model;  ///< name of the model folder
  struct Organ {
    int label = 0;  ///< its value in organs.nii.gz
    std::string name;
    double volume_ml = 0;
  };
  std::vector<Organ> organs;  ///< every class but the background, in the model's order
};

/// A report that a network wrote. A draft for a reader, part of no verdict.
struct ReportDraft {
  std::string model, text;
};

/// One lesion of the list under the findings.
struct LesionRow {
  std::string finding_id;  ///< "Lung nodule", …
  Place place;
  Text description;  ///< "9 mm solid nodule, right lung, upper third"
  double diameter_mm = 0, volume_mm3 = 0, mean_hu = 0, score = 0;
  /// False: a candidate below its method's threshold, listed so that a reader can check it.
  bool suspicious = true;
};

/// What a colour and a letter tag of an overlay stand for.
struct LegendItem {
  std::string tag;     ///< letters drawn beside the contour, so that colour is not the only sign
  std::string colour;  ///< "#rrggbb"
  Text name;
};

enum class PictureRole {
  key,    ///< an axial slice that shows a finding
  plane,  ///< one of the three orthogonal views
  xray,   ///< the radiograph
};

struct Picture {
  std::string name;  ///< file name without extension: "key-1-lung", "coronal-mediastinum"
  PictureRole role = PictureRole::key;
  std::string plane;         ///< "axial" | "coronal" | "sagittal"; the view of an X-ray
  std::string window;        ///< "lung" | "mediastinum"; empty for an X-ray
  int group = 0;             ///< pictures of one place in several windows share it, from 1
  std::string finding_id;    ///< what it shows, the most severe first; empty for an overview
  std::vector<int> lesions;  ///< rows of StudyResult::lesions that it marks, from 0
  Text caption;
  int width = 0, height = 0;              ///< pixels
  std::vector<std::uint8_t> png;          ///< the image alone, 8-bit grey
  std::vector<std::uint8_t> overlay_png;  ///< contours and marks on a clear ground, same size
  std::vector<LegendItem> legend;
};

struct Histogram {
  double first_hu = 0;  ///< lower edge of the first bin
  double bin_hu = 1;
  std::vector<double> counts;
};

/// A file written beside the result, so that it can be checked later.
struct OutputFile {
  std::string name;  ///< path inside the study's folder, with '/'
  std::uint64_t bytes = 0;
  std::string sha256;
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
  std::string path;    ///< as the user named it
  std::string within;  ///< the study's file or folder in there, when it is one of several
  /// Where the study is: the path and what is within it.
  std::string place() const { return within.empty() ? path : path + '/' + within; }
  std::string study_uid, series_uid, study_date, kind;  ///< kind: ct | xray | other
  std::string patient_name, patient_id;                 ///< written only when the user asks for it
  std::string patient_sex;  ///< DICOM PatientSex: M | F | O; may be empty
  std::optional<double> patient_age;

  std::optional<Notice> failure;  ///< set: processing_status is Failure and what follows is partial
  Trust trust = Trust::unfit;
  std::vector<Notice> trust_reasons;
  std::vector<Notice> notices;  ///< warnings and infos of every stage, in order

  std::vector<SeriesRow> series;
  std::vector<FileRow> files_set_aside;
  Measurements quality;
  std::optional<OrganVolumes> organs;
  std::optional<ReportDraft> draft;
  std::optional<BodyPartRow> body_part;  ///< of a CT, when such a network is installed
  Measurements measurements;
  std::optional<findings::Decision> decision;
  std::vector<findings::NetworkOpinion> networks;  ///< beside the measurements
  std::vector<LesionRow> lesions;
  std::vector<Picture> pictures;
  std::optional<Histogram> lung_histogram;
  Provenance provenance;
  std::vector<OutputFile> files;  ///< what write_study wrote beside the result

  bool ok() const { return !failure; }
};

}  // namespace thorax::report
