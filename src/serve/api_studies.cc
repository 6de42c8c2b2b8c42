#include "base/error.h"
#include "serve/api.h"
#include "serve/hide.h"
#include "serve/upload.h"
#include "store/ids.h"

namespace thorax::serve {
namespace {

namespace fs = std::filesystem;
using Parts = std::vector<std::string>;
using store::StudyQuery;

// The stored page of a report comes from files of strangers. It needs no script, and gets no
// rights: not even those of a page of this service.
constexpr const char* kReportPolicy =
    "sandbox allow-popups allow-modals; default-src 'none'; img-src data:; style-src "
    "'unsafe-inline'";

store::Study known_study(Context& context, const std::string& id) {
  std::optional<store::Study> study;
  if (store::is_id(id)) study = context.store.study(id);
  if (!study) throw Error("unknown_id"_code, {{"id", id}});
  study->job = context.pool.current(std::move(study->job));
  return std::move(*study);
}

std::optional<std::int64_t> moment(const Call& call, const char* name) {
  const std::string text = call.parameter(name);
  if (text.empty()) return {};
  const std::optional<std::int64_t> time = parse_time(text);
  if (!time)
    throw Error("bad_parameter"_code,
                {{"name", name}, {"value", text}, {"allowed", "2026-11-21T08:15:30Z"}});
  return time;
}

StudyQuery query_of(const Call& call) {
  StudyQuery query;
  query.by_name = sees_names(call.who);
  query.text = call.parameter("q");
  query.state = call.choice("state", {"queued", "running", "done", "failed", "cancelled"});
  query.verdict = call.choice("verdict", {"normal", "pathology", "uncertain"});
  query.kind = call.choice("kind", {"ct", "xray", "other"});
  query.trust = call.choice("trust", {"good", "usable", "unfit"});
  query.patient = call.parameter("patient");
  query.from = moment(call, "from");
  query.to = moment(call, "to");
  const std::string sort = call.choice("sort", {"created", "name", "bytes", "state"});
  if (sort == "name") query.sort = StudyQuery::Sort::name;
  if (sort == "bytes") query.sort = StudyQuery::Sort::bytes;
  if (sort == "state") query.sort = StudyQuery::Sort::state;
  query.descending = call.choice("order", {"asc", "desc"}) != "asc";
  query.limit = call.number("limit", query.limit, 1, 1000);
  query.offset = call.number("offset", 0, 0, 1'000'000'000);
  return query;
}

void list(Context& context, Call& call) {
  const StudyQuery query = query_of(call);
  store::StudyPage page = context.store.studies(query);
  Json studies = Json::array();
  for (store::Study& study : page.studies) {
    study.job = context.pool.current(std::move(study.job));
    studies.push_back(shown_json(study_json(shown_study(std::move(study), call.who)), call.who));
  }
  call.answer(Json{{"studies", std::move(studies)},
                   {"total", page.total},
                   {"limit", query.limit},
                   {"offset", query.offset}});
}

void take(Context& context, Call& call) {
  answer_accepted(context, call, receive_upload(call, context.store, context.options.max_upload));
}

void remove(Context& context, Call& call, const std::string& id) {
  context.store.remove_study(known_study(context, id).id);
  context.events.publish("removed", dump({{"id", id}}));
  call.response.status = 204;
}

/// A file of a result's folder: one that lies in it, whatever its name says.
void result_file(Context& context, Call& call, const store::Study& study, const Parts& rest) {
  // rest: studies ID results NUMBER NAME…
  const auto found = std::find_if(
      study.results.begin(), study.results.end(),
      [&](const store::Result& result) { return std::to_string(result.number) == rest[3]; });
  if (found == study.results.end())
    throw Error("nothing_there"_code, {{"path", call.request.path}});
  fs::path file = context.store.report_folder(found->folder);
  if (rest.size() == 4) file /= "result.json";
  for (std::size_t i = 4; i < rest.size(); ++i) {
    file /= rest[i];
    if (fs::is_symlink(file)) throw Error("nothing_there"_code, {{"path", call.request.path}});
  }
  if (file.extension() == ".html")
    call.response.set_header("Content-Security-Policy", kReportPolicy);
  if (may_name(file) && !sees_names(call.who)) {
    if (!fs::is_regular_file(file))
      throw Error("nothing_there"_code, {{"path", call.request.path}});
    const fs::path result = context.store.report_folder(found->folder) / "result.json";
    return call.answer(without_names(file, result), content_type(file));
  }
  call.answer_file(file, content_type(file), '"' + found->folder.substr(0, 24) + '"');
}

void table(Context& context, Call& call, const store::Study& study) {
  if (study.results.empty()) throw Error("nothing_there"_code, {{"path", call.request.path}});
  const std::string folder =
      study.results.front().folder.substr(0, study.results.front().folder.find('/'));
  call.response.set_header("Content-Disposition", attachment(study.name + ".xlsx"));
  if (!sees_names(call.who)) return answer_table_without_names(context, call, study);
  call.answer_file(context.store.report_folder(folder) / "report.xlsx", content_type("a.xlsx"),
                   '"' + folder + '"');
}

void read(Context& context, Call& call, const Parts& rest) {
  const store::Study study = shown_study(known_study(context, rest[1]), call.who);
  if (rest.size() == 2) return call.answer(shown_json(study_json(study), call.who));
  if (rest[2] == "results" && rest.size() >= 4) return result_file(context, call, study, rest);
  if (rest[2] == "deidentified.zip" && rest.size() == 3)
    return deidentified_api(context, call, study);
  if (rest[2] == "dicom.zip" && rest.size() == 3) return answer_dicom_zip(context, call, study);
  if (rest[2] == "table.xlsx" && rest.size() == 3) return table(context, call, study);
  if (rest[2] == "file" && rest.size() == 3) {
    call.response.set_header("Content-Disposition", attachment(study.name));
    return call.answer_file(context.store.files().path_of(study.sha256), "application/octet-stream",
                            '"' + study.sha256 + '"');
  }
  throw Error("nothing_there"_code, {{"path", call.request.path}});
}

}  // namespace

void answer_accepted(Context& context, Call& call, const store::Accepted& accepted) {
  call.subject = accepted.study_id;
  const store::Study study = known_study(context, accepted.study_id);
  if (!accepted.repeated) {
    context.metrics.count("thorax_uploads_bytes_total", {}, static_cast<double>(study.bytes));
    context.events.publish("study", dump(study_json(study)));
    context.pool.wake();
  }
  call.answer(shown_json(study_json(shown_study(study, call.who)), call.who),
              accepted.repeated ? 200 : 201);
  call.response.set_header("Location", "/api/v1/studies/" + study.id);
}

void studies_api(Context& context, Call& call, const Parts& rest) {
  const std::string& method = call.request.method;
  if (rest.size() == 1 && is_reading(call.request)) return list(context, call);
  if (rest.size() == 1 && method == "POST") return take(context, call);
  if (rest.size() == 2 && method == "DELETE") return remove(context, call, rest[1]);
  if (rest.size() >= 2 && is_reading(call.request)) return read(context, call, rest);
  throw Error("nothing_there"_code, {{"path", method + ' ' + call.request.path}});
}

}  // namespace thorax::serve
