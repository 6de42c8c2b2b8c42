// The queue between those who accept studies and those who read them. SQLite stands behind it now
// (store/store.h); a broker could, without a change elsewhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/records.h"

namespace thorax::store {

/// A job in the hands of one worker. Whoever holds the lease may finish it, nobody else.
struct Claim {
  std::string job_id, study_id, lease;
  std::string name;    ///< of the file as it was sent
  std::string sha256;  ///< of its content
  int attempt = 1;
};

/// How a job ended.
struct Outcome {
  JobState state = JobState::done;  ///< done, failed or cancelled
  std::optional<Notice> failure;    ///< when failed
  /// Of those that have a report, refused ones among them; `patient` is PatientID here, which the
  /// store does not keep.
  std::vector<Result> results;
};

enum class Renewal {
  go_on,
  cancel,  ///< somebody asked to cancel it
  lost,    ///< the lease is not valid any more; what the worker does is in vain
};

class Queue {
 public:
  virtual ~Queue() = default;

  /// The oldest queued job, now running; nothing when none waits.
  virtual std::optional<Claim> claim() = 0;
  /// Says how far the work is.
  virtual Renewal renew(const std::string& lease, const std::string& stage, double fraction) = 0;
  /// Ends the job with its results, all or nothing; false when the lease is not valid any more, and
  /// nothing has changed then. So a job ends once, however many workers thought they had it.
  virtual bool finish(const std::string& lease, const Outcome& outcome) = 0;
  /// Back to the queue, as if it had not been claimed.
  virtual bool hand_back(const std::string& lease) = 0;
  /// What a crash left running waits again, or fails with attempts_used_up when it was begun
  /// `max_attempts` times. Returns the ids of the jobs that failed. Only when no worker is at work.
  virtual std::vector<std::string> recover(int max_attempts) = 0;
  /// Jobs that wait.
  virtual std::int64_t waiting() = 0;
};

}  // namespace thorax::store
