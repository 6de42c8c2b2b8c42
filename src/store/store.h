// Everything the service keeps: studies, jobs and results in SQLite, uploads and reports in folders
// beside it. One process at a time owns it.
//
//   DATA/thorax.db   DATA/files/ab/abcd…   DATA/reports/LEASE/   DATA/lock
#pragma once

#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/database.h"
#include "store/files.h"
#include "store/patient_key.h"
#include "store/queue.h"
#include "store/records.h"

namespace thorax::store {

inline constexpr const char* kDatabaseName = "thorax.db";

/// Makes the folder, for its owner alone, when it is not there. Throws Error("cannot_write"_code).
std::filesystem::path make_data_folder(const std::filesystem::path& folder);

struct StoreLimits {
  std::int64_t queue = 1000;             ///< jobs that may wait
  std::uint64_t disk_reserve = 1 << 30;  ///< bytes of the disk that uploads leave free
};

/// What an upload became.
struct Accepted {
  std::string study_id, job_id;
  bool repeated = false;  ///< its Idempotency-Key was known: nothing new was made
};

/// Safe to use from several threads.
class Store : public Queue {
 public:
  /// Makes or opens the folder, brings its database up to date, and removes what a crash left half
  /// done. Throws Error: data_in_use, database_newer, database_failed, cannot_write.
  Store(const std::filesystem::path& folder, const StoreLimits& limits);
  ~Store() override;

  FileFolder& files() { return files_; }
  Database& database() { return database_; }
  std::filesystem::path report_folder(const std::string& name) const { return reports_ / name; }

  /// Throws Error("queue_full"_code) when no more may wait.
  void check_queue();
  /// Keeps the upload and queues a job for it: when this returns, both survive a power cut.
  /// Throws Error: queue_full, key_reused, disk_full, database_failed.
  Accepted accept(Upload upload, const std::string& name, const std::string& idempotency_key);

  /// What an earlier upload with this Idempotency-Key became.
  std::optional<Accepted> accepted_with(const std::string& idempotency_key);

  std::optional<Study> study(const std::string& id);
  std::optional<Job> job(const std::string& id);
  StudyPage studies(const StudyQuery& query);
  /// Every result there is, the newest study's first.
  std::vector<Reading> readings();
  /// The embeddings of the newest `count` studies that have one, the newest study's first.
  std::vector<Embedded> embeddings(std::size_t count);
  /// Another word whenever embeddings() would give others.
  std::string embeddings_state();
  /// Newest first.
  std::vector<Job> jobs(const std::string& state, int limit, int offset);
  /// The study, its job, results, reports and file. Throws Error: unknown_id, wrong_job_state
  /// (while it is running).
  void remove_study(const std::string& id);
  /// Ids of the studies that need not be kept at a time (Unix milliseconds), the oldest first. A
  /// study whose job waits or runs is always kept.
  std::vector<std::string> outlived(const Retention& retention, std::int64_t now);
  /// A queued job ends cancelled at once; a running one is asked to stop. Returns the job as it is
  /// then. Throws Error: unknown_id, wrong_job_state.
  Job cancel(const std::string& job_id);
  /// Queues a failed or cancelled job again. Throws Error: unknown_id, wrong_job_state, queue_full.
  Job retry(const std::string& job_id);
  /// Jobs by state, every state named.
  std::vector<std::pair<JobState, std::int64_t>> counts();

  std::optional<Claim> claim() override;
  Renewal renew(const std::string& lease, const std::string& stage, double fraction) override;
  bool finish(const std::string& lease, const Outcome& outcome) override;
  bool hand_back(const std::string& lease) override;
  std::vector<std::string> recover(int max_attempts) override;
  std::int64_t waiting() override;

 private:
  class Lock;

  void sweep();
  void require_room();
  std::vector<std::string> folders_of(const std::string& job_id);

  std::unique_ptr<Lock> lock_;
  StoreLimits limits_;
  std::filesystem::path reports_;
  FileFolder files_;
  PatientKey patient_key_;
  Database database_;
  /// Held while a file's name and its last mention in the database change together.
  std::mutex files_mutex_;
};

}  // namespace thorax::store
