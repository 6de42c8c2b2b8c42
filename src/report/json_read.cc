#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "report/json.h"

namespace thorax::report {
namespace {

using Json = nlohmann::ordered_json;

double number(const Json& value) {
  return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

std::optional<double> maybe(const Json& value) {
  return value.is_null() ? std::nullopt : std::optional(value.get<double>());
}

std::string words(const Json& value) {
  return value.is_null() ? std::string() : value.get<std::string>();
}

Text text(const Json& value) {
  return {value.at("en").get<std::string>(), value.at("ru").get<std::string>()};
}

/// The enumerator whose to_string is the given word.
template <class Enum>
Enum parse(const Json& value, std::initializer_list<Enum> all) {
  const auto word = value.get<std::string>();
  for (const Enum candidate : all)
    if (to_string(candidate) == word) return candidate;
  throw Error("report_unreadable"_code, {{"detail", "unknown word \"" + word + "\""}});
}

template <class Read>
auto list(const Json& values, Read read) {
  std::vector<decltype(read(values))> out;
  for (const Json& value : values) out.push_back(read(value));
  return out;
}

Notice notice(const Json& value) {
  return {parse_code(value.at("id").get<std::string>()),
          value.at("args").get<std::map<std::string, std::string>>()};
}

Place place(const Json& value) {
  return {value.at("centre_mm").get<std::array<double, 3>>(),
          value.at("size_mm").get<std::array<double, 3>>(),
          value.at("voxel_zyx").get<std::array<int, 3>>(), text(value.at("where"))};
}

Measurement measurement(const Json& value) {
  Measurement m;
  m.id = value.at("id");
  m.name = text(value.at("name"));
  m.value = number(value.at("value"));
  m.unit = value.at("unit");
  m.decimals = value.at("decimals");
  if (const Json& normal = value.at("normal"); !normal.is_null())
    m.normal = NormalRange{maybe(normal.at("low")), maybe(normal.at("high")), normal.at("source")};
  m.reliability =
      parse(value.at("reliability"), {Reliability::good, Reliability::limited, Reliability::weak});
  m.caveat = text(value.at("caveat"));
  m.method = text(value.at("method"));
  m.source = value.at("source");
  return m;
}

Measurements measurements(const Json& values) {
  Measurements out;
  for (const Json& value : values) out.add(measurement(value));
  return out;
}

findings::Evidence evidence(const Json& value) {
  findings::Evidence e;
  e.measurement_id = value.at("measurement");
  e.name = text(value.at("name"));
  e.value = number(value.at("value"));
  e.cutoff = number(value.at("cutoff"));
  e.unit = value.at("unit");
  e.decimals = value.at("decimals");
  e.score = number(value.at("score"));
  e.source = text(value.at("source"));
  return e;
}

findings::Finding finding(const Json& value) {
  findings::Finding f;
  f.id = value.at("id");
  f.name = text(value.at("name"));
  f.analysed = value.at("analysed");
  f.not_analysed_why = text(value.at("not_analysed_why"));
  f.score = number(value.at("score"));
  f.threshold = number(value.at("threshold"));
  f.positive = value.at("positive");
  f.severity_rank = value.at("severity_rank");
  f.counts_as_pathology = value.at("counts_as_pathology");
  f.evidence = list(value.at("evidence"), evidence);
  f.places = list(value.at("places"), place);
  return f;
}

findings::Verdict verdict(const Json& value) {
  using Kind = findings::VerdictKind;
  findings::Verdict v;
  v.kind = parse(value.at("kind"), {Kind::normal, Kind::pathology, Kind::uncertain});
  v.probability = number(value.at("probability"));
  v.calibrated = value.at("calibrated");
  v.band_low = number(value.at("band").at(0));
  v.band_high = number(value.at("band").at(1));
  v.most_dangerous = value.at("most_dangerous");
  // Absent in results before schema 1.3.
  v.in_scope = value.value("in_scope", true);
  // Absent in results of schema 1.1.
  if (value.contains("prediction_set") && !value.at("prediction_set").is_null())
    v.set = findings::PredictionSet{number(value.at("prediction_set").at("miss_rate")),
                                    list(value.at("prediction_set").at("classes"), text)};
  return v;
}

findings::SeriesScore series_score(const Json& value) {
  findings::SeriesScore score;
  score.slabs = value.at("slabs");
  score.first = number(value.at("first"));
  score.band = {number(value.at("band").at(0)), number(value.at("band").at(1))};
  if (const Json& second = value.at("second"); !second.is_null()) {
    score.second_model = second.at("model");
    score.second = number(second.at("probability"));
  }
  return score;
}

findings::Novelty novelty(const Json& value) {
  return {number(value.at("distance")), number(value.at("limit")),
          number(value.at("false_alarm_rate"))};
}

findings::NetworkOpinion network(const Json& value) {
  findings::NetworkOpinion opinion;
  opinion.model = value.at("model");
  opinion.probability = maybe(value.at("probability"));
  // Absent in results before schema 1.2.
  if (value.contains("threshold")) opinion.threshold = number(value.at("threshold"));
  if (value.contains("series") && !value.at("series").is_null())
    opinion.series = series_score(value.at("series"));
  // Absent in results before schema 1.3.
  if (value.contains("novelty") && !value.at("novelty").is_null())
    opinion.novelty = novelty(value.at("novelty"));
  opinion.decides = value.at("decides");
  opinion.most_dangerous = value.at("most_dangerous");
  opinion.findings = list(value.at("findings"), [](const Json& f) {
    return findings::NetworkFinding{.id = f.at("id"),
                                    .name = text(f.at("name")),
                                    .probability = number(f.at("probability")),
                                    .threshold = number(f.at("threshold")),
                                    .positive = f.at("positive"),
                                    .severity_rank = f.at("severity_rank")};
  });
  return opinion;
}

OrganVolumes organs(const Json& value) {
  OrganVolumes row;
  row.model = value.at("model");
  row.organs = list(value.at("labels"), [](const Json& organ) {
    return OrganVolumes::Organ{organ.at("label"), organ.at("name"), number(organ.at("volume_ml"))};
  });
  return row;
}

BodyPartRow body_part(const Json& value) {
  BodyPartRow row;
  row.model = value.at("model");
  row.part = value.at("part");
  row.agrees = value.at("agrees");
  if (const Json& slices = value.at("chest_slices"); !slices.is_null())
    row.chest_slices = slices.get<std::array<int, 2>>();
  row.slice_step = value.at("slice_step");
  row.scores = list(value.at("scores"), number);
  return row;
}

LesionRow lesion(const Json& value) {
  LesionRow row;
  row.finding_id = value.at("finding");
  row.description = text(value.at("description"));
  row.place = place(value.at("place"));
  row.diameter_mm = number(value.at("diameter_mm"));
  row.volume_mm3 = number(value.at("volume_mm3"));
  row.mean_hu = number(value.at("mean_hu"));
  row.score = number(value.at("score"));
  row.suspicious = value.at("suspicious");
  return row;
}

SeriesRow series(const Json& value) {
  SeriesRow row;
  row.uid = value.at("uid");
  row.description = value.at("description");
  row.modality = value.at("modality");
  row.role = value.at("role");
  row.images = value.at("images");
  row.slice_thickness = maybe(value.at("slice_thickness_mm"));
  row.kernel = value.at("kernel");
  row.reasons = list(value.at("reasons"), notice);
  return row;
}

Picture picture(const Json& value) {
  Picture p;
  p.name = value.at("name");
  p.role = parse(value.at("role"), {PictureRole::key, PictureRole::plane, PictureRole::xray});
  p.plane = value.at("plane");
  p.window = value.at("window");
  p.group = value.at("group");
  p.finding_id = value.at("finding");
  p.lesions = value.at("lesions").get<std::vector<int>>();
  p.caption = text(value.at("caption"));
  p.width = value.at("width");
  p.height = value.at("height");
  p.legend = list(value.at("legend"), [](const Json& item) {
    return LegendItem{item.at("tag"), item.at("colour"), text(item.at("name"))};
  });
  return p;
}

Provenance provenance(const Json& value, const Json& timings) {
  Provenance p;
  p.program_version = value.at("program_version");
  p.input_sha256 = value.at("input_sha256");
  p.models = list(value.at("models"), [](const Json& model) {
    return Provenance::Model{model.at("name"), model.at("version"), model.at("sha256")};
  });
  for (const auto& item : value.at("settings").items())
    p.settings.emplace_back(item.key(), item.value().get<std::string>());
  p.seconds = number(timings.at("seconds"));
  p.timings = list(timings.at("stages"), [](const Json& stage) {
    return StageTime{stage.at("stage"), number(stage.at("seconds"))};
  });
  return p;
}

void read_study(const Json& value, StudyResult& result) {
  result.path = value.at("path");
  result.within = value.value("within", "");  // absent in results before schema 1.4
  result.study_uid = value.at("study_uid");
  result.series_uid = value.at("series_uid");
  result.study_date = value.at("date");
  result.kind = value.at("kind");
  const Json& patient = value.at("patient");
  result.patient_name = words(patient.at("name"));
  result.patient_id = words(patient.at("id"));
  result.patient_sex = patient.at("sex");
  result.patient_age = maybe(patient.at("age_years"));
}

StudyResult read(const Json& document) {
  const auto version = document.at("schema_version").get<std::string>();
  const std::string known = kSchemaVersion;
  if (version.substr(0, version.find('.')) != known.substr(0, known.find('.')))
    throw Error("report_unreadable"_code, {{"detail", "schema_version " + version}});
  StudyResult result;
  read_study(document.at("study"), result);
  if (!document.at("failure").is_null()) result.failure = notice(document.at("failure"));
  const Json& trust = document.at("trust");
  result.trust = parse(trust.at("level"), {Trust::good, Trust::usable, Trust::unfit});
  result.trust_reasons = list(trust.at("reasons"), notice);
  if (!document.at("verdict").is_null())
    result.decision =
        findings::Decision{list(document.at("findings"), finding), verdict(document.at("verdict"))};
  // Absent in results of schema 1.0.
  if (document.contains("networks")) result.networks = list(document.at("networks"), network);
  result.lesions = list(document.at("lesions"), lesion);
  result.measurements = measurements(document.at("measurements"));
  result.quality = measurements(document.at("quality"));
  // Absent in results before schema 1.2.
  if (document.contains("body_part") && !document.at("body_part").is_null())
    result.body_part = body_part(document.at("body_part"));
  if (document.contains("organs") && !document.at("organs").is_null())
    result.organs = organs(document.at("organs"));
  if (document.contains("report_draft") && !document.at("report_draft").is_null())
    result.draft = ReportDraft{document.at("report_draft").at("model"),
                               document.at("report_draft").at("text")};
  result.notices = list(document.at("notices"), notice);
  result.series = list(document.at("series"), series);
  result.files_set_aside = list(document.at("files_set_aside"), [](const Json& row) {
    return FileRow{row.at("path"), notice(row.at("reason"))};
  });
  result.pictures = list(document.at("pictures"), picture);
  if (const Json& histogram = document.at("lung_histogram"); !histogram.is_null())
    result.lung_histogram =
        Histogram{number(histogram.at("first_hu")), number(histogram.at("bin_hu")),
                  histogram.at("counts").get<std::vector<double>>()};
  result.provenance = provenance(document.at("provenance"), document.at("timings"));
  result.files = list(document.at("files"), [](const Json& file) {
    return OutputFile{file.at("name"), file.at("bytes"), file.at("sha256")};
  });
  return result;
}

}  // namespace

StudyResult from_json(std::string_view content) {
  try {
    return read(Json::parse(content));
  } catch (const nlohmann::json::exception& error) {
    throw Error("report_unreadable"_code, {{"detail", error.what()}});
  }
}

}  // namespace thorax::report
