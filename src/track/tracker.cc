#include "track/tracker.h"

#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "track/mlflow_files.h"
#include "track/mlflow_server.h"
#include "track/tensorboard.h"

namespace thorax::track {
namespace {

using nlohmann::json;

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Tracker::Tracker(RunRecord run, const Places& places, std::function<void(const Notice&)> warn)
    : run_(std::move(run)),
      places_(places),
      warn_(std::move(warn)),
      tensorboard_(places.tensorboard),
      store_(!places.store.empty()),
      server_(!places.address.empty()) {
  run_.started = now();
  std::ifstream file(run_.folder / "tracking.json");
  const json kept = json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (kept.is_object() && kept.value("fingerprint", "") == run_.fingerprint) {
    run_.started = kept.value("started", run_.started);
    if (kept.value("address", "") == places.address) {
      server_run_ = kept.value("server_run", "");
      sent_ = kept.value("sent", std::int64_t{0});
    }
  }
  at(server_, [&] {
    if (server_run_.empty()) server_run_ = MlflowServer(places_.address).begin(run_);
  });
  keep_state();
}

void Tracker::at(bool& open, const std::function<void()>& work) {
  if (!open) return;
  try {
    work();
  } catch (const Error& problem) {
    open = false;
    warn_(problem.notice());
  }
}

void Tracker::keep_state() const {
  if (!tensorboard_ && !store_ && !server_) return;
  write_file(run_.folder / "tracking.json", json{{"fingerprint", run_.fingerprint},
                                                 {"started", run_.started},
                                                 {"address", places_.address},
                                                 {"server_run", server_run_},
                                                 {"sent", sent_}}
                                                    .dump(2) +
                                                '\n');
}

void Tracker::send_new() {
  std::vector<Metric> fresh;
  std::int64_t last = sent_;
  for (const Metric& metric : run_.metrics) {
    if (metric.step > sent_) fresh.push_back(metric);
    last = std::max(last, metric.step);
  }
  MlflowServer(places_.address).log(server_run_, fresh);
  sent_ = last;
}

void Tracker::log(const std::vector<Metric>& metrics) {
  run_.metrics = metrics;
  for (Metric& metric : run_.metrics) metric.milliseconds += run_.started;
  at(tensorboard_, [&] {
    EventFile file(run_.folder / "tensorboard");
    std::map<std::int64_t, Event> events;
    for (const Metric& metric : run_.metrics) {
      if (metric.step <= file.last_step()) continue;
      Event& event = events[metric.step];
      event.step = metric.step;
      event.wall_time = static_cast<double>(metric.milliseconds) / 1000;
      event.scalars[metric.name] = static_cast<float>(metric.value);
    }
    for (const auto& [step, event] : events) file.append(event);
  });
  at(store_, [&] { write_mlflow_run(places_.store, run_, Status::running, now()); });
  at(server_, [&] { send_new(); });
  keep_state();
}

void Tracker::end(Status status, const std::vector<std::filesystem::path>& files) {
  at(store_,
     [&] { write_mlflow_artifacts(write_mlflow_run(places_.store, run_, status, now()), files); });
  at(server_, [&] { MlflowServer(places_.address).end(server_run_, status, now()); });
}

}  // namespace thorax::track
