// The workers: each takes a job from the queue, has a process read it, and ends it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "serve/events.h"
#include "serve/metrics.h"
#include "serve/worker.h"
#include "store/store.h"

namespace thorax::serve {

struct PoolOptions {
  WorkerCommand command;
  int workers = 1;
  int threads = 0;  ///< shared by the workers; 0: one a core
  int job_seconds = 3600;
};

class WorkerPool {
 public:
  /// Starts the workers.
  WorkerPool(store::Store& store, EventHub& events, Metrics& metrics, PoolOptions options);
  ~WorkerPool();

  /// Something was queued.
  void wake();
  /// A running job was asked to end.
  void cancel(const std::string& job_id);
  /// No new jobs; those being read get so long to end, and wait in the queue again when they do
  /// not.
  void stop(int grace_seconds);
  int workers() const { return options_.workers; }
  const PoolOptions& options() const { return options_; }
  bool stopping() const;

  /// With what is newer than the database knows: how far a running job is.
  store::Job current(store::Job job) const;
  /// Tells the listeners where a job stands.
  void announce(const std::string& job_id);

 private:
  struct Standing {
    std::string lease;
    std::string stage = "start";
    double fraction = 0;
    bool cancelled = false;
    Stopwatch since_renewal;
  };

  /// How this attempt of a job stands; null when a later one is running already, which begins
  /// before the worker of the last one has put its things away. With mutex_ held.
  Standing* standing(const store::Claim& claim);

  void work();
  void run(const store::Claim& claim);
  void progressed(const store::Claim& claim, std::string_view stage, double fraction);
  Stop should_stop(const store::Claim& claim);
  void conclude(const store::Claim& claim, WorkerEnd end);
  bool end_in_store(const store::Claim& claim, const WorkerEnd& end);
  void measure(const std::string& job_id, const store::Outcome& outcome);
  int threads_of_next() const;

  store::Store& store_;
  EventHub& events_;
  Metrics& metrics_;
  const PoolOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable woken_;
  std::map<std::string, Standing> running_;  ///< by job id
  bool stopping_ = false;
  std::atomic<bool> hand_back_{false};
  std::vector<std::jthread> threads_;
};

}  // namespace thorax::serve
