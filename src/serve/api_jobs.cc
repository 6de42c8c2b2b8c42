#include "base/error.h"
#include "serve/api.h"
#include "serve/hide.h"
#include "store/ids.h"

namespace thorax::serve {
namespace {

store::Job known_job(Context& context, const std::string& id) {
  std::optional<store::Job> job;
  if (store::is_id(id)) job = context.store.job(id);
  if (!job) throw Error("unknown_id"_code, {{"id", id}});
  return context.pool.current(std::move(*job));
}

void list(Context& context, Call& call) {
  const std::string state =
      call.choice("state", {"queued", "running", "done", "failed", "cancelled"});
  const int limit = call.number("limit", 50, 1, 1000);
  const int offset = call.number("offset", 0, 0, 1'000'000'000);
  Json jobs = Json::array();
  for (store::Job& job : context.store.jobs(state, limit, offset))
    jobs.push_back(shown_json(job_json(context.pool.current(std::move(job))), call.who));
  call.answer(Json{{"jobs", std::move(jobs)}, {"limit", limit}, {"offset", offset}});
}

void cancel(Context& context, Call& call, const std::string& id) {
  const store::Job job = context.store.cancel(known_job(context, id).id);
  if (job.state == store::JobState::running) context.pool.cancel(id);
  context.pool.announce(id);
  call.answer(shown_json(job_json(context.pool.current(job)), call.who));
}

void retry(Context& context, Call& call, const std::string& id) {
  const store::Job job = context.store.retry(known_job(context, id).id);
  context.pool.announce(id);
  context.pool.wake();
  call.answer(shown_json(job_json(job), call.who));
}

void remove(Context& context, Call& call, const std::string& id) {
  const std::string study_id = known_job(context, id).study_id;
  context.store.remove_study(study_id);
  context.events.publish("removed", dump({{"id", study_id}}));
  call.response.status = 204;
}

}  // namespace

void jobs_api(Context& context, Call& call, const std::vector<std::string>& rest) {
  const std::string& method = call.request.method;
  if (rest.size() == 1 && is_reading(call.request)) return list(context, call);
  if (rest.size() == 2 && is_reading(call.request))
    return call.answer(shown_json(job_json(known_job(context, rest[1])), call.who));
  if (rest.size() == 2 && method == "DELETE") return remove(context, call, rest[1]);
  if (rest.size() == 3 && method == "POST" && rest[2] == "cancel")
    return cancel(context, call, rest[1]);
  if (rest.size() == 3 && method == "POST" && rest[2] == "retry")
    return retry(context, call, rest[1]);
  throw Error("nothing_there"_code, {{"path", method + ' ' + call.request.path}});
}

}  // namespace thorax::serve
