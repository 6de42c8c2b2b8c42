#include "serve/api.h"

#include "base/error.h"
#include "serve/openapi.h"

namespace thorax::serve {
namespace {

using Parts = std::vector<std::string>;

[[noreturn]] void nothing_there(const Call& call) {
  throw Error("nothing_there"_code, {{"path", call.request.method + ' ' + call.request.path}});
}

void versioned(Context& context, Call& call, const Parts& rest) {
  const bool reading = is_reading(call.request);
  const std::string& what = rest.front();
  if (what == "studies" && rest.size() == 5 && rest[2] == "results") {
    if (rest[4] == "feedback" && (reading || call.request.method == "POST"))
      return feedback_api(context, call, rest[1], rest[3]);
    if (rest[4] == "similar" && reading) return similar_api(context, call, rest[1], rest[3]);
  }
  if (what == "studies") return studies_api(context, call, rest);
  if (what == "models" && !reading) return change_models_api(context, call, rest);
  if (what == "jobs") return jobs_api(context, call, rest);
  if (what == "uploads") return uploads_api(context, call, rest);
  if (what == "users") return users_api(context, call, rest);
  if (rest == Parts{"me", "password"} && call.request.method == "POST")
    return own_password_api(context, call);
  if (rest.size() == 1 && what == "session") return session_api(context, call);
  if (rest.size() == 1 && reading) {
    if (what == "audit") return audit_api(context, call);
    if (what == "embeddings") return embeddings_api(context, call);
    if (what == "feedback") return all_feedback_api(context, call);
    if (what == "me") return me_api(call);
    if (what == "events") return events_api(context, call);
    if (what == "status") return status_api(context, call);
    if (what == "table.xlsx") return table_api(context, call);
    if (what == "models") return models_api(context, call);
    if (what == "openapi.json") return call.answer(std::string(openapi_text()), "application/json");
  }
  nothing_there(call);
}

}  // namespace

bool is_reading(const httplib::Request& request) {
  return request.method == "GET" || request.method == "HEAD";
}

std::shared_ptr<void> Places::take() {
  if (++taken_ > count_) {
    --taken_;
    throw Error("too_many_streams"_code, {{"count", std::to_string(count_)}});
  }
  return {this, [](Places* places) { --places->taken_; }};
}

void dispatch(Context& context, Call& call) {
  const Parts& path = call.path;
  if (path.size() >= 3 && path[0] == "api" && path[1] == "v1")
    return versioned(context, call, {path.begin() + 2, path.end()});
  if (!path.empty() && path[0] == "v2")
    return kserve_api(context, call, {path.begin() + 1, path.end()});
  if (call.request.method == "POST" && path.size() == 1) {
    if (path[0] == "predict") return predict_api(context, call);
    if (path[0] == "analyze") return analyze_api(context, call);
  }
  if (is_reading(call.request) && path == Parts{"api"}) return description_page(call);
  if (is_reading(call.request) && path == Parts{"api", "style.css"}) return description_style(call);
  if (!is_reading(call.request) || (!path.empty() && path[0] == "api")) nothing_there(call);
  if (path.size() == 1) {
    if (path[0] == "healthz") return health_api(call);
    if (path[0] == "readyz") return ready_api(context, call);
    if (path[0] == "metrics") return metrics_api(context, call);
    if (path[0] == "health") return call.answer(Json{{"ok", true}});
  }
  if (path.size() == 2 && path[0] == "reports") return reports_api(context, call, path[1]);
  page_file(context, call);
}

}  // namespace thorax::serve
