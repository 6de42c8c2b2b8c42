#include <unistd.h>
#include <fstream>

#include "base/error.h"
#include "base/files.h"
#include "base/version.h"
#include "serve/api.h"
#include "serve/hide.h"

namespace thorax::serve {
namespace {

using namespace std::chrono_literals;

// A listener hears something at least so often, so that a broken connection is noticed.
constexpr auto kPatience = 10s;
// Whoever signed out hears no more after so long.
constexpr std::int64_t kCheckMs = 5'000;

std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t pages = 0, resident = 0;
  file >> pages >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

/// What an event says to that one: a study's name may be another.
std::string shown_data(const Event& event, const Identity& who) {
  if (sees_names(who)) return event.data;
  Json json = shown_json(Json::parse(event.data), who);
  if (event.type == "study") {
    store::Study study;
    study.id = json.at("id").get<std::string>();
    json["name"] = shown_study(std::move(study), who).name;
  }
  return dump(json);
}

}  // namespace

void events_api(Context& context, Call& call) {
  if (call.request.method == "HEAD") return call.answer("", "text/event-stream");
  const std::shared_ptr<void> place = context.places.take();
  std::string last = call.header("Last-Event-ID");
  if (last.empty()) last = call.parameter("last_event_id");
  const auto listener = std::make_shared<EventHub::Listener>(context.events.listen(last));
  const EventHub& hub = context.events;
  Door& door = context.door;
  call.response.status = 200;
  // A proxy that collects answers would hold the news back.
  call.response.set_header("X-Accel-Buffering", "no");
  call.response.set_chunked_content_provider(
      "text/event-stream", [place, listener, &hub, &door, who = call.who, checked = door.now(),
                            first = true](std::size_t, httplib::DataSink& sink) mutable {
        std::string text;
        if (first) {
          text = "retry: 1000\nid: " + listener->place() + "\nevent: hello\ndata: {}\n\n";
          first = false;
        } else {
          for (const Event& event : listener->next(kPatience))
            text += "id: " + event.id + "\nevent: " + event.type +
                    "\ndata: " + shown_data(event, who) + "\n\n";
          if (text.empty()) text = ": still here\n\n";
        }
        if (door.now() >= checked + kCheckMs) {
          if (!door.still_open(who)) return false;
          checked = door.now();
        }
        if (!sink.write(text.data(), text.size())) return false;
        if (hub.closed()) sink.done();
        return true;
      });
}

void health_api(Call& call) {
  call.answer(R"({"status":"ok"})", "application/json");
}

void ready_api(Context& context, Call& call) {
  context.store.check_queue();
  if (context.store.files().free_bytes() == 0) throw Error("disk_full"_code);
  call.answer(R"({"status":"ready"})", "application/json");
}

void metrics_api(Context& context, Call& call) {
  std::vector<std::pair<std::string, double>> gauges;
  for (const auto& [state, count] : context.store.counts())
    gauges.emplace_back(
        "thorax_jobs" + label_text({{"state", std::string(store::to_string(state))}}), count);
  gauges.emplace_back("thorax_workers", context.pool.workers());
  gauges.emplace_back("thorax_streams", context.places.taken());
  gauges.emplace_back("thorax_memory_bytes", static_cast<double>(resident_bytes()));
  gauges.emplace_back("thorax_disk_free_bytes",
                      static_cast<double>(context.store.files().free_bytes()));
  gauges.emplace_back("thorax_uptime_seconds", context.up.seconds());
  call.answer(context.metrics.text(gauges), "text/plain; version=0.0.4; charset=utf-8");
}

void status_api(Context& context, Call& call) {
  Json jobs = Json::object();
  for (const auto& [state, count] : context.store.counts())
    jobs[std::string(store::to_string(state))] = count;
  call.answer(Json{{"version", kVersion},
                   {"uptime_seconds", context.up.seconds()},
                   {"jobs", std::move(jobs)},
                   {"workers", context.pool.workers()},
                   {"queue_limit", context.options.queue},
                   {"streams", context.places.taken()},
                   {"memory_bytes", resident_bytes()},
                   {"disk_free_bytes", context.store.files().free_bytes()},
                   {"max_upload_bytes", context.options.max_upload}});
}

void page_file(Context& context, Call& call) {
  namespace fs = std::filesystem;
  fs::path file = context.page;
  for (const std::string& part : call.path) file /= part;
  if (call.path.empty()) file /= "index.html";
  if (!fs::is_regular_file(file)) {
    if (call.path.empty()) throw Error("page_missing"_code);
    throw Error("nothing_there"_code, {{"path", call.request.path}});
  }
  call.response.set_header("Content-Security-Policy",
                           "default-src 'none'; script-src 'self'; style-src 'self'; img-src "
                           "'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action "
                           "'none'; frame-ancestors 'none'");
  const std::string content = read_file(file);
  // The names of the page's parts change with their content; only the page itself is asked for
  // anew.
  call.response.set_header("Cache-Control", call.path.size() > 1 && call.path[0] == "assets"
                                                ? "public, max-age=31536000, immutable"
                                                : "no-cache");
  call.answer(content, content_type(file));
}

}  // namespace thorax::serve
