#include "report/json.h"

#include <cmath>

#include "base/error.h"
#include "base/hash.h"
#include "report/json_text.h"
#include "report/phrases.h"

namespace thorax::report {
namespace {

using Json = nlohmann::ordered_json;

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json number(const std::optional<double>& value) {
  return value ? number(*value) : Json(nullptr);
}

/// Whole numbers without a point.
Json count(double value) {
  return value == std::floor(value) && std::abs(value) < 1e15
             ? Json(static_cast<std::int64_t>(value))
             : number(value);
}

Json text(const Text& value) {
  return {{"en", value.en}, {"ru", value.ru}};
}

template <class T, class Write>
Json list(const std::vector<T>& values, Write write) {
  Json out = Json::array();
  for (const T& value : values) out.push_back(write(value));
  return out;
}

Json notice(const Notice& value) {
  Json args = Json::object();
  for (const auto& [key, arg] : value.args) args[key] = arg;
  return {{"id", value.id()},
          {"severity", to_string(value.severity())},
          {"args", args},
          {"what", {{"en", value.what(Language::en)}, {"ru", value.what(Language::ru)}}},
          {"todo", {{"en", value.todo(Language::en)}, {"ru", value.todo(Language::ru)}}}};
}

Json notices(const std::vector<Notice>& values) {
  return list(values, notice);
}

Json place(const Place& value) {
  return {{"where", text(value.where)},
          {"centre_mm", value.centre_mm},
          {"size_mm", value.size_mm},
          {"voxel_zyx", value.voxel}};
}

Json measurement(const Measurement& value) {
  Json normal = nullptr;
  if (value.normal)
    normal = {{"low", number(value.normal->low)},
              {"high", number(value.normal->high)},
              {"source", value.normal->source}};
  return {{"id", value.id},
          {"name", text(value.name)},
          {"value", number(value.value)},
          {"unit", value.unit},
          {"decimals", value.decimals},
          {"normal", normal},
          {"reliability", to_string(value.reliability)},
          {"caveat", text(value.caveat)},
          {"method", text(value.method)},
          {"source", value.source}};
}

Json evidence(const findings::Evidence& value) {
  return {{"measurement", value.measurement_id},
          {"name", text(value.name)},
          {"value", number(value.value)},
          {"cutoff", number(value.cutoff)},
          {"unit", value.unit},
          {"decimals", value.decimals},
          {"score", number(value.score)},
          {"source", text(value.source)}};
}

Json finding(const findings::Finding& value) {
  return {{"id", value.id},
          {"name", text(value.name)},
          {"analysed", value.analysed},
          {"not_analysed_why", text(value.not_analysed_why)},
          {"score", number(value.score)},
          {"threshold", number(value.threshold)},
          {"positive", value.positive},
          {"severity_rank", value.severity_rank},
          {"counts_as_pathology", value.counts_as_pathology},
          {"evidence", list(value.evidence, evidence)},
          {"places", list(value.places, place)}};
}

Json verdict(const findings::Verdict& value) {
  return {{"kind", to_string(value.kind)},
          {"probability", number(value.probability)},
          {"calibrated", value.calibrated},
          {"band", {number(value.band_low), number(value.band_high)}},
          {"prediction_set", value.set ? Json{{"miss_rate", number(value.set->miss_rate)},
                                              {"classes", list(value.set->classes, text)}}
                                       : Json(nullptr)},
          {"in_scope", value.in_scope},
          {"most_dangerous", value.most_dangerous}};
}

Json novelty(const findings::Novelty& value) {
  return {{"distance", number(value.distance)},
          {"limit", number(value.limit)},
          {"false_alarm_rate", number(value.false_alarm_rate)}};
}

Json series_score(const findings::SeriesScore& value) {
  const Json second = Json{{"model", value.second_model}, {"probability", number(value.second)}};
  return {{"slabs", value.slabs},
          {"first", number(value.first)},
          {"band", {number(value.band.low), number(value.band.high)}},
          {"second", value.second_model.empty() ? Json(nullptr) : second}};
}

Json network(const findings::NetworkOpinion& value) {
  return {{"model", value.model},
          {"probability", number(value.probability)},
          {"threshold", number(value.threshold)},
          {"series", value.series ? series_score(*value.series) : Json(nullptr)},
          {"novelty", value.novelty ? novelty(*value.novelty) : Json(nullptr)},
          {"decides", value.decides},
          {"most_dangerous", value.most_dangerous},
          {"findings", list(value.findings, [](const findings::NetworkFinding& finding) {
             return Json{{"id", finding.id},
                         {"name", text(finding.name)},
                         {"probability", number(finding.probability)},
                         {"threshold", number(finding.threshold)},
                         {"positive", finding.positive},
                         {"severity_rank", finding.severity_rank}};
           })}};
}

Json lesion(const LesionRow& value) {
  return {{"finding", value.finding_id},
          {"description", text(value.description)},
          {"place", place(value.place)},
          {"diameter_mm", number(value.diameter_mm)},
          {"volume_mm3", number(value.volume_mm3)},
          {"mean_hu", number(value.mean_hu)},
          {"score", number(value.score)},
          {"suspicious", value.suspicious}};
}

Json series(const SeriesRow& value) {
  return {{"uid", value.uid},           {"description", value.description},
          {"modality", value.modality}, {"role", value.role},
          {"images", value.images},     {"slice_thickness_mm", number(value.slice_thickness)},
          {"kernel", value.kernel},     {"reasons", notices(value.reasons)}};
}

Json picture(const Picture& value) {
  return {{"name", value.name},
          {"role", to_string(value.role)},
          {"plane", value.plane},
          {"window", value.window},
          {"group", value.group},
          {"finding", value.finding_id},
          {"lesions", value.lesions},
          {"caption", text(value.caption)},
          {"width", value.width},
          {"height", value.height},
          {"legend", list(value.legend, [](const LegendItem& item) {
             return Json{{"tag", item.tag}, {"colour", item.colour}, {"name", text(item.name)}};
           })}};
}

Json organs(const OrganVolumes& value) {
  return {{"model", value.model},
          {"labels", list(value.organs, [](const OrganVolumes::Organ& organ) {
             return Json{{"label", organ.label},
                         {"name", organ.name},
                         {"volume_ml", number(organ.volume_ml)}};
           })}};
}

Json body_part(const BodyPartRow& value) {
  return {{"model", value.model},
          {"part", value.part},
          {"agrees", value.agrees},
          {"chest_slices", value.chest_slices ? Json(*value.chest_slices) : Json(nullptr)},
          {"slice_step", value.slice_step},
          {"scores", list(value.scores, [](double score) { return number(score); })}};
}

Json study(const StudyResult& result, const JsonOptions& options) {
  const auto hidden = [&](const std::string& value) {
    return options.identify ? Json(value) : Json(nullptr);
  };
  return {{"path", result.path},
          {"within", result.within},
          {"study_uid", result.study_uid},
          {"series_uid", result.series_uid},
          {"date", result.study_date},
          {"kind", result.kind},
          {"patient",
           {{"name", hidden(result.patient_name)},
            {"id", hidden(result.patient_id)},
            {"sex", result.patient_sex},
            {"age_years", number(result.patient_age)}}}};
}

Json provenance(const Provenance& value) {
  Json settings = Json::object();
  for (const auto& [key, setting] : value.settings) settings[key] = setting;
  return {{"program", "thorax"},
          {"program_version", value.program_version},
          {"input_sha256", value.input_sha256},
          {"models", list(value.models,
                          [](const Provenance::Model& model) {
                            return Json{{"name", model.name},
                                        {"version", model.version},
                                        {"sha256", model.sha256}};
                          })},
          {"settings", settings}};
}

Json timings(const Provenance& value) {
  return {{"seconds", number(value.seconds)},
          {"stages", list(value.timings, [](const StageTime& stage) {
             return Json{{"stage", stage.stage}, {"seconds", number(stage.seconds)}};
           })}};
}

constexpr const char* kDigest = "result_sha256";

std::string sealed(Json document) {
  document[kDigest] = "";
  document[kDigest] = sha256_hex(json_text(document));
  return json_text(document);
}

}  // namespace

std::string to_json(const StudyResult& result, const JsonOptions& options) {
  Json histogram = nullptr;
  if (result.lung_histogram)
    histogram = {{"first_hu", number(result.lung_histogram->first_hu)},
                 {"bin_hu", number(result.lung_histogram->bin_hu)},
                 {"counts", list(result.lung_histogram->counts, count)}};
  const findings::Decision* decision = result.decision ? &*result.decision : nullptr;
  return sealed(Json{
      {"schema_version", kSchemaVersion},
      {"notice", text(kResearchUseOnly)},
      {"study", study(result, options)},
      {"processing_status", result.ok() ? "Success" : "Failure"},
      {"failure", result.failure ? notice(*result.failure) : Json(nullptr)},
      {"trust", {{"level", to_string(result.trust)}, {"reasons", notices(result.trust_reasons)}}},
      {"verdict", decision ? verdict(decision->verdict) : Json(nullptr)},
      {"findings", decision ? list(decision->findings, finding) : Json::array()},
      {"networks", list(result.networks, network)},
      {"lesions", list(result.lesions, lesion)},
      {"measurements", list(result.measurements.all(), measurement)},
      {"quality", list(result.quality.all(), measurement)},
      {"organs", result.organs ? organs(*result.organs) : Json(nullptr)},
      {"report_draft", result.draft
                           ? Json{{"model", result.draft->model}, {"text", result.draft->text}}
                           : Json(nullptr)},
      {"body_part", result.body_part ? body_part(*result.body_part) : Json(nullptr)},
      {"notices", notices(result.notices)},
      {"series", list(result.series, series)},
      {"files_set_aside", list(result.files_set_aside,
                               [](const FileRow& row) {
                                 return Json{{"path", row.path}, {"reason", notice(row.reason)}};
                               })},
      {"pictures", list(result.pictures, picture)},
      {"lung_histogram", histogram},
      {"provenance", provenance(result.provenance)},
      {"files",
       list(result.files,
            [](const OutputFile& file) {
              return Json{{"name", file.name}, {"bytes", file.bytes}, {"sha256", file.sha256}};
            })},
      {"timings", timings(result.provenance)}});
}

bool json_is_intact(std::string_view content) {
  Json document = Json::parse(content, nullptr, false);
  if (!document.is_object()) throw Error("report_unreadable"_code, {{"detail", "no JSON object"}});
  return sealed(std::move(document)) == content;
}

std::string_view to_string(Trust trust) {
  switch (trust) {
    case Trust::good:
      return "good";
    case Trust::usable:
      return "usable";
    case Trust::unfit:
      break;
  }
  return "unfit";
}

std::string_view to_string(PictureRole role) {
  switch (role) {
    case PictureRole::key:
      return "key";
    case PictureRole::plane:
      return "plane";
    case PictureRole::xray:
      break;
  }
  return "xray";
}

std::string_view to_string(findings::VerdictKind kind) {
  switch (kind) {
    case findings::VerdictKind::normal:
      return "normal";
    case findings::VerdictKind::pathology:
      return "pathology";
    case findings::VerdictKind::uncertain:
      break;
  }
  return "uncertain";
}

std::string_view to_string(Reliability reliability) {
  switch (reliability) {
    case Reliability::good:
      return "good";
    case Reliability::limited:
      return "limited";
    case Reliability::weak:
      break;
  }
  return "weak";
}

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::info:
      return "info";
    case Severity::warning:
      return "warning";
    case Severity::error:
      break;
  }
  return "error";
}

}  // namespace thorax::report
