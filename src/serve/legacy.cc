// The addresses of earlier services, so that scripts written for them go on working: a file in, the
// answer when it has been read. What it costs: a connection waits as long as the study takes.
#include <cmath>

#include "base/error.h"
#include "base/files.h"
#include "report/batch.h"
#include "report/json.h"
#include "report/xlsx.h"
#include "serve/api.h"
#include "serve/hide.h"
#include "serve/problem.h"
#include "serve/upload.h"
#include "store/ids.h"

namespace thorax::serve {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// Takes the file, and waits until it has been read.
store::Study read_study(Context& context, Call& call) {
  const std::shared_ptr<void> place = context.places.take();
  EventHub::Listener listener = context.events.listen();
  const store::Accepted accepted = receive_upload(call, context.store, context.options.max_upload);
  call.subject = accepted.study_id;
  context.pool.announce(accepted.job_id);
  context.pool.wake();
  for (;;) {
    const std::optional<store::Study> study = context.store.study(accepted.study_id);
    if (!study) throw Error("unknown_id"_code, {{"id", accepted.study_id}});
    if (store::is_final(study->job.state)) return shown_study(*study, call.who);
    if (context.events.closed()) throw Error("cancelled"_code);
    listener.next(1s);
  }
}

report::StudyResult result_of(Context& context, const Call& call, const store::Result& result) {
  const fs::path file = context.store.report_folder(result.folder) / "result.json";
  return report::from_json(sees_names(call.who) ? read_file_if_there(file)
                                                : without_names(file, file));
}

Json warnings_of(const report::StudyResult& result, Language language) {
  Json warnings = Json::array();
  for (const Notice& notice : result.notices)
    if (notice.severity() == Severity::warning) warnings.push_back(notice.what(language));
  return warnings;
}

/// 500 with {"detail": {"error", "warnings"}}.
void answer_failure(Call& call, const Notice& failure, Json warnings) {
  call.answer(Json{{"detail",
                    {{"error", failure.id() + ": " + failure.what(call.language)},
                     {"warnings", std::move(warnings)}}}},
              500);
}

Notice failure_of(const store::Job& job) {
  return job.failure.value_or(Notice{"cancelled"_code, {}});
}

/// 400 with {"detail": text} for what is wrong with the request itself; the rest is an error of its
/// own.
template <class Work>
void with_plain_errors(Call& call, Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    if (status_of(error.code()) != 400) throw;
    call.answer(Json{{"detail", error.notice().what(call.language)}}, 400);
  }
}

Json prediction(Context& context, const Call& call, const store::Study& study,
                const store::Result& stored) {
  const report::StudyResult result = result_of(context, call, stored);
  const fs::path folder = context.store.report_folder(stored.folder);
  const fs::path text = folder / "report.txt";
  const report::BatchRow row = report::batch_row(result, Language::ru);
  Json findings = Json::array();
  if (result.decision)
    for (const findings::Finding& finding : result.decision->findings)
      if (finding.analysed) findings.push_back(Json{{finding.name.ru, finding.score}});
  Json segmentation;
  if (fs::exists(folder / "segmentation.dcm"))
    segmentation = "/api/v1/studies/" + study.id + "/results/" + std::to_string(stored.number) +
                   "/segmentation.dcm";
  const bool sick = row.pathology.value_or(0) == 1;
  return {{"path", study.name},
          {"study_uid", {result.study_uid}},
          {"series_uid", {result.series_uid}},
          {"report", sees_names(call.who) || !fs::exists(text)
                         ? read_file_if_there(text)
                         : without_names(text, folder / "result.json")},
          {"patology_chexbert", Json::array()},
          {"patology_custom", std::move(findings)},
          {"status", result.failure ? "Ошибка"
                     : sick         ? "Патология"
                                    : "Норма"},
          {"image", nullptr},
          {"time", result.provenance.seconds},
          {"segmentation_file", std::move(segmentation)}};
}

bool wants_dicom(const Call& call) {
  return call.choice("format", {"json", "dicom"}) == "dicom" ||
         call.header("Accept").find("application/zip") != std::string::npos;
}

}  // namespace

void analyze_api(Context& context, Call& call) {
  with_plain_errors(call, [&] {
    const store::Study study = read_study(context, call);
    if (study.results.empty()) return answer_failure(call, failure_of(study.job), Json::array());
    const report::StudyResult result = result_of(context, call, study.results.front());
    Json warnings = warnings_of(result, call.language);
    if (result.failure || !result.decision)
      return answer_failure(call, result.failure.value_or(failure_of(study.job)),
                            std::move(warnings));
    const double score = std::round(result.decision->verdict.probability * 1e6) / 1e6;
    call.answer(Json{{"job_id", study.job.id},
                     {"series_uid", result.series_uid},
                     {"score", score},
                     {"label", score >= 0.5 ? "pathology" : "normal"},
                     {"routed_to_3d", false},
                     {"report_path", "/reports/" + study.job.id + ".xlsx"},
                     {"warnings", std::move(warnings)}});
  });
}

void predict_api(Context& context, Call& call) {
  with_plain_errors(call, [&] {
    const bool dicom = wants_dicom(call);
    if (dicom) require_names(call.who);
    const store::Study study = read_study(context, call);
    if (dicom && study.job.state == store::JobState::done)
      return answer_dicom_zip(context, call, study);
    if (study.results.empty()) return answer_failure(call, failure_of(study.job), Json::array());
    Json results = Json::array();
    for (const store::Result& stored : study.results)
      results.push_back(prediction(context, call, study, stored));
    call.answer(Json{{"results", std::move(results)}});
  });
}

void answer_table_without_names(Context& context, Call& call, const store::Study& study) {
  std::vector<report::BatchRow> rows;
  for (const store::Result& stored : study.results)
    rows.push_back(report::batch_row(result_of(context, call, stored), call.language));
  // Beside the reports, where a sweep takes what a crash leaves.
  const fs::path file = context.store.report_folder("table-" + store::new_id());
  report::write_xlsx(file, rows);
  call.answer(read_file(file), content_type("a.xlsx"));
  fs::remove(file);
}

void reports_api(Context& context, Call& call, const std::string& name) {
  const std::string id = name.substr(0, name.find('.'));
  std::optional<store::Job> job;
  if (store::is_id(id) && name == id + ".xlsx") job = context.store.job(id);
  const std::optional<store::Study> study = job ? context.store.study(job->study_id) : std::nullopt;
  if (!study || study->results.empty())
    throw Error("nothing_there"_code, {{"path", call.request.path}});
  const std::string folder =
      study->results.front().folder.substr(0, study->results.front().folder.find('/'));
  if (!sees_names(call.who)) return answer_table_without_names(context, call, *study);
  call.answer_file(context.store.report_folder(folder) / "report.xlsx", content_type(name),
                   '"' + folder + '"');
}

}  // namespace thorax::serve
