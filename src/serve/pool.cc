#include "serve/pool.h"

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "base/error.h"
#include "base/log.h"
#include "base/parallel.h"
#include "serve/views.h"
#include "store/files.h"

namespace thorax::serve {
namespace {

using namespace std::chrono_literals;

// The queue is looked at so often even when nobody says that something came.
constexpr auto kLookEvery = 1s;
constexpr double kRenewEverySeconds = 1;

}  // namespace

WorkerPool::WorkerPool(store::Store& store, EventHub& events, Metrics& metrics, PoolOptions options)
    : store_(store), events_(events), metrics_(metrics), options_(std::move(options)) {
  for (int i = 0; i < options_.workers; ++i) threads_.emplace_back([this] { work(); });
}

WorkerPool::~WorkerPool() {
  stop(0);
}

void WorkerPool::wake() {
  woken_.notify_one();
}

void WorkerPool::cancel(const std::string& job_id) {
  const std::lock_guard lock(mutex_);
  if (const auto found = running_.find(job_id); found != running_.end())
    found->second.cancelled = true;
}

WorkerPool::Standing* WorkerPool::standing(const store::Claim& claim) {
  const auto found = running_.find(claim.job_id);
  return found != running_.end() && found->second.lease == claim.lease ? &found->second : nullptr;
}

bool WorkerPool::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void WorkerPool::stop(int grace_seconds) {
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    woken_.notify_all();
    woken_.wait_for(lock, std::chrono::seconds(grace_seconds), [&] { return running_.empty(); });
  }
  hand_back_ = true;
  threads_.clear();
}

void WorkerPool::work() {
  for (;;) {
    try {
      {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
      }
      if (const std::optional<store::Claim> claim = store_.claim()) {
        run(*claim);
        continue;
      }
    } catch (const std::exception& error) {
      // A disk that is full or failing; it may be well again when the queue is looked at next.
      log::error(std::string("queue: ") + error.what());
    }
    std::unique_lock lock(mutex_);
    if (!stopping_) woken_.wait_for(lock, kLookEvery);
  }
}

int WorkerPool::threads_of_next() const {
  const int all = options_.threads > 0 ? options_.threads : thread_count();
  // Alone, a study gets the whole machine.
  return store_.waiting() == 0 ? all : std::max(1, all / options_.workers);
}

void WorkerPool::run(const store::Claim& claim) {
  {
    const std::lock_guard lock(mutex_);
    running_[claim.job_id] = {.lease = claim.lease};
  }
  announce(claim.job_id);
  WorkerEnd end;
  try {
    const WorkerTask task{store_.files().path_of(claim.sha256),
                          claim.name,
                          store_.report_folder(claim.lease),
                          claim.lease,
                          threads_of_next(),
                          options_.job_seconds};
    end = run_worker(
        options_.command, task,
        [&](std::string_view stage, double fraction) { progressed(claim, stage, fraction); },
        [&] { return should_stop(claim); });
  } catch (const Error& error) {
    end.outcome = {store::JobState::failed, error.notice(), {}};
  }
  conclude(claim, std::move(end));
}

void WorkerPool::progressed(const store::Claim& claim, std::string_view stage, double fraction) {
  bool tell = false, renew = false;
  {
    const std::lock_guard lock(mutex_);
    Standing* const now = standing(claim);
    if (!now) return;
    // A page shows whole per cents.
    tell = now->stage != stage || fraction >= now->fraction + 0.01;
    if (tell) {
      now->stage = stage;
      now->fraction = fraction;
    }
    renew = tell && now->since_renewal.seconds() >= kRenewEverySeconds;
    if (renew) now->since_renewal = {};
  }
  try {
    if (renew && store_.renew(claim.lease, std::string(stage), fraction) == store::Renewal::cancel)
      cancel(claim.job_id);
  } catch (const Error& error) {
    log::warning("job " + claim.job_id + ": " + error.what());
  }
  if (tell) announce(claim.job_id);
}

Stop WorkerPool::should_stop(const store::Claim& claim) {
  if (hand_back_) return Stop::hand_back;
  const std::lock_guard lock(mutex_);
  const Standing* const now = standing(claim);
  return now && now->cancelled ? Stop::cancel : Stop::no;
}

void WorkerPool::conclude(const store::Claim& claim, WorkerEnd end) {
  if (end.stopped == Stop::cancel) end.outcome = {store::JobState::cancelled, {}, {}};
  bool ended = false;
  for (bool said = false; !said;) {
    try {
      ended = end_in_store(claim, end);
      said = true;
    } catch (const std::exception& error) {
      // A disk that is full may have room again. At a stop the job stays running in the database,
      // and waits again at the next start.
      log::error("job " + claim.job_id + ": " + error.what());
      std::unique_lock lock(mutex_);
      if (!stopping_) woken_.wait_for(lock, kLookEvery);
      said = stopping_;
    }
  }
  if (!ended || end.outcome.results.empty()) {
    std::error_code ignored;
    std::filesystem::remove_all(store_.report_folder(claim.lease), ignored);
  }
  if (ended) measure(claim.job_id, end.outcome);
  {
    const std::lock_guard lock(mutex_);
    if (standing(claim)) running_.erase(claim.job_id);
  }
  woken_.notify_all();
  announce(claim.job_id);
}

bool WorkerPool::end_in_store(const store::Claim& claim, const WorkerEnd& end) {
  if (end.stopped == Stop::hand_back) {
    store_.hand_back(claim.lease);
    return false;
  }
  // The report is on the disk before anybody is told of it.
  if (!end.outcome.results.empty()) {
    const std::filesystem::path folder = store_.report_folder(claim.lease);
    store::sync_tree(folder);
    store::sync_folder(folder.parent_path());
  }
  return store_.finish(claim.lease, end.outcome);
}

void WorkerPool::measure(const std::string& job_id, const store::Outcome& outcome) {
  metrics_.count("thorax_jobs_ended_total",
                 {{"state", std::string(store::to_string(outcome.state))}});
  if (outcome.failure) metrics_.count("thorax_errors_total", {{"code", outcome.failure->id()}});
  if (const std::optional<store::Job> job = store_.job(job_id); job && job->started_at) {
    const auto seconds = [](std::int64_t from, std::int64_t to) {
      return static_cast<double>(to - from) / 1000;
    };
    metrics_.observe("thorax_job_wait_seconds", seconds(job->queued_at, *job->started_at));
    if (job->finished_at)
      metrics_.observe("thorax_job_seconds", seconds(*job->started_at, *job->finished_at));
  }
  for (const store::Result& result : outcome.results) {
    const Json summary = Json::parse(result.summary);
    for (const auto& [stage, time] : summary.at("stages").items())
      metrics_.observe("thorax_stage_seconds", time.get<double>(), {{"stage", stage}});
  }
}

store::Job WorkerPool::current(store::Job job) const {
  const std::lock_guard lock(mutex_);
  const auto found = running_.find(job.id);
  if (job.state == store::JobState::running && found != running_.end()) {
    job.stage = found->second.stage;
    job.fraction = found->second.fraction;
  }
  return job;
}

void WorkerPool::announce(const std::string& job_id) {
  try {
    const std::optional<store::Job> job = store_.job(job_id);
    if (!job) return;
    // It may have been cancelled before it stood among the running ones.
    if (job->cancel_requested) cancel(job_id);
    events_.publish("job", dump(job_json(current(*job))));
  } catch (const Error& error) {
    // The work goes on; only its listeners hear less of it.
    log::warning("job " + job_id + ": " + error.what());
  }
}

}  // namespace thorax::serve
