// What readers think of answers.
#include <algorithm>

#include "base/csv.h"
#include "base/error.h"
#include "base/files.h"
#include "serve/api.h"
#include "serve/hide.h"
#include "store/feedback.h"
#include "store/ids.h"

namespace thorax::serve {
namespace {

using store::Feedback;

constexpr std::size_t kMaxBody = 16 << 10;
constexpr std::size_t kMaxNote = 4000;  // bytes
constexpr int kMostRows = 100'000;

/// A note may name the patient: it is for its author and for those who see names.
Json feedback_json(const Feedback& one, const Identity& who) {
  const bool shown = sees_names(who) || one.author == who.account() || one.note.empty();
  return {{"study_id", one.study_id},
          {"number", one.number},
          {"finding", one.finding_id.empty() ? Json(nullptr) : Json(one.finding_id)},
          {"author", one.author},
          {"agrees", one.agrees},
          {"note", shown ? one.note : kHidden},
          {"at", time_text(one.at)},
          {"answer", one.answer.empty() ? Json(nullptr) : Json(one.answer)},
          {"probability", one.probability ? Json(*one.probability) : Json(nullptr)}};
}

Json list_json(const std::vector<Feedback>& list, const Identity& who) {
  Json all = Json::array();
  for (const Feedback& one : list) all.push_back(feedback_json(one, who));
  return all;
}

/// What the result said of the thing, for the opinion to stand beside. Throws
/// Error("bad_parameter"_code) for a finding that the result does not have.
void add_answer(Context& context, const store::Result& result, Feedback& feedback) {
  const auto probability = [&](const nlohmann::json& from, const char* name) {
    if (const auto found = from.find(name); found != from.end() && found->is_number())
      feedback.probability = found->get<double>();
  };
  if (feedback.finding_id.empty()) {
    feedback.answer = result.verdict;
    probability(nlohmann::json::parse(result.summary), "probability");
    return;
  }
  const nlohmann::json whole = nlohmann::json::parse(
      read_file_if_there(context.store.report_folder(result.folder) / "result.json"), nullptr,
      false);
  const nlohmann::json findings = whole.is_object()
                                      ? whole.value("findings", nlohmann::json::array())
                                      : nlohmann::json::array();
  const auto found = std::find_if(findings.begin(), findings.end(), [&](const auto& one) {
    return one.value("id", "") == feedback.finding_id;
  });
  if (found == findings.end())
    throw Error(
        "bad_parameter"_code,
        {{"name", "finding"}, {"value", feedback.finding_id}, {"allowed", "findings[].id"}});
  if (!found->value("analysed", true)) return;
  feedback.answer = found->value("positive", false) ? "present" : "absent";
  probability(*found, "score");
}

/// {"finding": "nodule", "agrees": false, "note": "a vessel"}; agrees: null takes it back.
void take(Context& context, Call& call, const store::Result& result, Feedback feedback) {
  const nlohmann::json body = call.read_json(kMaxBody);
  const auto agrees = body.find("agrees");
  if (agrees == body.end() || !(agrees->is_boolean() || agrees->is_null()))
    throw Error("bad_request"_code);
  for (const auto& [name, text] : {std::pair<const char*, std::string*>{"note", &feedback.note},
                                   {"finding", &feedback.finding_id}}) {
    const auto found = body.find(name);
    if (found == body.end() || found->is_null()) continue;
    if (!found->is_string()) throw Error("bad_request"_code);
    *text = found->get<std::string>();
    if (text->size() > kMaxNote)
      throw Error("body_too_large"_code, {{"limit", std::to_string(kMaxNote)}});
  }
  store::FeedbackBook book(context.store.database());
  if (agrees->is_null()) {
    book.withdraw(feedback);
  } else {
    feedback.agrees = agrees->get<bool>();
    add_answer(context, result, feedback);
    book.put(feedback);
  }
  context.trace.record(call.who, "feedback", feedback.study_id,
                       {{"number", std::to_string(feedback.number)},
                        {"finding", feedback.finding_id},
                        {"agrees", agrees->dump()}});
}

/// What a spreadsheet does not take for a formula.
std::string plain(const std::string& text) {
  const bool formula =
      !text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos;
  return formula ? '\'' + text : text;
}

/// A row for each opinion that tells the truth about an answer with a probability, as `thorax
/// evaluate` reads it: --where subject=verdict, or a finding.
std::string table_of(const std::vector<Feedback>& list, const Identity& who) {
  std::string out =
      "subject,class,probability_absent,probability_present,patient_id,number,author,agrees,at,"
      "note\n";
  for (const Feedback& one : list) {
    const std::optional<bool> truth = one.truth();
    if (!truth || !one.probability) continue;
    const Json json = feedback_json(one, who);
    const double present = std::clamp(*one.probability, 0.0, 1.0);
    out += csv_line({one.finding_id.empty() ? "verdict" : one.finding_id,
                     *truth ? "present" : "absent", Json(1 - present).dump(), Json(present).dump(),
                     one.study_id, std::to_string(one.number), plain(one.author),
                     one.agrees ? "1" : "0", json.at("at").get<std::string>(),
                     plain(json.at("note").get<std::string>())});
  }
  return out;
}

}  // namespace

void feedback_api(Context& context, Call& call, const std::string& id, const std::string& number) {
  std::optional<store::Study> study;
  if (store::is_id(id)) study = context.store.study(id);
  if (!study) throw Error("unknown_id"_code, {{"id", id}});
  const auto result =
      std::find_if(study->results.begin(), study->results.end(),
                   [&](const store::Result& one) { return std::to_string(one.number) == number; });
  if (result == study->results.end())
    throw Error("nothing_there"_code, {{"path", call.request.path}});
  if (!is_reading(call.request)) {
    Feedback feedback;
    feedback.study_id = id;
    feedback.number = result->number;
    feedback.author = call.who.account();
    feedback.at = context.door.now();
    take(context, call, *result, std::move(feedback));
  }
  store::FeedbackQuery query;
  query.study_id = id;
  query.number = result->number;
  call.answer(Json{{"feedback", list_json(store::FeedbackBook(context.store.database()).list(query),
                                          call.who)}});
}

void all_feedback_api(Context& context, Call& call) {
  store::FeedbackBook book(context.store.database());
  store::FeedbackQuery query;
  const bool table = call.choice("format", {"json", "csv"}) == "csv";
  query.limit = call.number("limit", table ? kMostRows : query.limit, 1, kMostRows);
  query.offset = call.number("offset", 0, 0, 1'000'000'000);
  const std::vector<Feedback> list = book.list(query);
  if (table) {
    call.response.set_header("Content-Disposition", attachment("feedback.csv"));
    return call.answer(table_of(list, call.who), "text/csv; charset=utf-8");
  }
  call.answer(Json{{"feedback", list_json(list, call.who)},
                   {"total", book.count(query)},
                   {"limit", query.limit},
                   {"offset", query.offset}});
}

}  // namespace thorax::serve
