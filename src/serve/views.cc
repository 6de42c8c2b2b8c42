#include "serve/views.h"

#include <charconv>
#include <ctime>

#include "report/batch.h"
#include "report/json.h"
#include "serve/problem.h"

namespace thorax::serve {
namespace {

Json both(const Text& text) {
  return {{"en", text.en}, {"ru", text.ru}};
}

Json optional_time(const std::optional<std::int64_t>& time) {
  return time ? Json(time_text(*time)) : Json(nullptr);
}

/// The most dangerous finding, said as closely as the result allows: its largest suspicious lesion,
/// or its name and where it is.
Json finding_json(const report::StudyResult& result) {
  const auto positive = report::positive_findings(result);
  if (positive.empty()) return nullptr;
  const findings::Finding& finding = *positive.front();
  Text said = finding.name;
  const report::LesionRow* largest = nullptr;
  for (const report::LesionRow& lesion : result.lesions)
    if (lesion.suspicious && lesion.finding_id == finding.id &&
        (!largest || lesion.diameter_mm > largest->diameter_mm))
      largest = &lesion;
  if (largest && !largest->description.en.empty())
    said = largest->description;
  else if (!finding.places.empty() && !finding.places.front().where.en.empty())
    said = {said.en + ", " + finding.places.front().where.en,
            said.ru + ", " + finding.places.front().where.ru};
  return {{"id", finding.id}, {"name", both(finding.name)}, {"said", both(said)}};
}

}  // namespace

std::string time_text(std::int64_t unix_ms) {
  const std::time_t seconds = unix_ms / 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  const std::string ms = std::to_string(unix_ms % 1000);
  return std::string(text, length) + '.' + std::string(3 - ms.size(), '0') + ms + 'Z';
}

std::optional<std::int64_t> parse_time(const std::string& text) {
  std::tm utc{};
  const char* end = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &utc);
  if (!end) return {};
  std::int64_t ms = 0;
  if (*end == '.') {
    const char* digits = end + 1;
    const auto [rest, problem] = std::from_chars(digits, text.c_str() + text.size(), ms);
    if (problem != std::errc() || rest != digits + 3) return {};
    end = rest;
  }
  if (std::string_view(end) != "Z") return {};
  return std::int64_t{timegm(&utc)} * 1000 + ms;
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json job_json(const store::Job& job) {
  return {{"id", job.id},
          {"study_id", job.study_id},
          {"state", store::to_string(job.state)},
          {"stage", job.stage.empty() ? Json(nullptr) : Json(job.stage)},
          {"percent", job.state == store::JobState::done
                          ? 100.0
                          : static_cast<double>(static_cast<int>(job.fraction * 1000)) / 10},
          {"attempts", job.attempts},
          {"cancel_requested", job.cancel_requested},
          {"failure", job.failure ? failure_json(*job.failure) : Json(nullptr)},
          {"created_at", time_text(job.created_at)},
          {"started_at", optional_time(job.started_at)},
          {"finished_at", optional_time(job.finished_at)}};
}

Json study_json(const store::Study& study) {
  Json results = Json::array();
  for (const store::Result& result : study.results) {
    Json row{{"number", result.number}};
    row.update(Json::parse(result.summary));
    row["patient"] = result.patient.empty() ? Json(nullptr) : Json(result.patient);
    results.push_back(std::move(row));
  }
  return {{"id", study.id},
          {"name", study.name},
          {"bytes", study.bytes},
          {"sha256", study.sha256},
          {"created_at", time_text(study.created_at)},
          {"job", job_json(study.job)},
          {"results", std::move(results)}};
}

Json summary_json(const report::StudyResult& result) {
  Json json{{"kind", result.kind},
            {"study_uid", result.study_uid},
            {"series_uid", result.series_uid},
            {"study_date", result.study_date},
            {"sex", result.patient_sex},
            {"age", result.patient_age ? Json(*result.patient_age) : Json(nullptr)},
            {"trust", report::to_string(result.trust)},
            {"verdict", nullptr},
            {"probability", nullptr},
            {"finding", nullptr},
            {"seconds", result.provenance.seconds},
            {"failure", result.failure ? failure_json(*result.failure) : Json(nullptr)}};
  if (result.decision && !result.failure) {
    json["verdict"] = report::to_string(result.decision->verdict.kind);
    json["probability"] = result.decision->verdict.probability;
    json["finding"] = finding_json(result);
  }
  Json stages = Json::object();
  for (const report::StageTime& time : result.provenance.timings) stages[time.stage] = time.seconds;
  json["stages"] = std::move(stages);
  return json;
}

}  // namespace thorax::serve
