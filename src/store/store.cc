#include "store/store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <set>
#include <thread>

#include "base/clock.h"
#include "base/error.h"
#include "store/ids.h"
#include "store/rows.h"
#include "store/schema.h"

namespace thorax::store {
namespace fs = std::filesystem;
using namespace std::chrono_literals;
namespace {

constexpr double kLockPatience = 2;  // seconds

fs::path made(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw Error("cannot_write"_code, {{"path", folder.string()}, {"detail", error.message()}});
  return folder;
}

std::string first_part(const std::string& path) {
  return path.substr(0, path.find('/'));
}

[[noreturn]] void fail_state(const Job& job) {
  throw Error("wrong_job_state"_code, {{"state", std::string(to_string(job.state))}});
}

}  // namespace

fs::path make_data_folder(const fs::path& folder) {
  if (fs::exists(folder)) return folder;
  made(folder);
  fs::permissions(folder, fs::perms::owner_all);
  return folder;
}

/// Held as long as the process lives, however it ends.
class Store::Lock {
 public:
  explicit Lock(const fs::path& folder) {
    const fs::path path = make_data_folder(folder) / "lock";
    // A service that was killed may have left a child that has not begun its own program yet: for
    // that moment the lock is the child's too.
    const Stopwatch begun;
    while (!take(path)) {
      if (begun.seconds() > kLockPatience)
        throw Error("data_in_use"_code, {{"path", folder.string()}});
      std::this_thread::sleep_for(10ms);
    }
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  ~Lock() { close(descriptor_); }

 private:
  bool take(const fs::path& path) {
    descriptor_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor_ < 0)
      throw Error("cannot_write"_code, {{"path", path.string()}, {"detail", std::strerror(errno)}});
    if (flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return true;
    close(descriptor_);
    return false;
  }

  int descriptor_ = -1;
};

Store::Store(const fs::path& folder, const StoreLimits& limits)
    : lock_(std::make_unique<Lock>(folder)),
      limits_(limits),
      reports_(made(folder / "reports")),
      files_(made(folder / "files"), limits.disk_reserve),
      patient_key_(folder),
      database_(folder / kDatabaseName) {
  migrate(database_);
  sync_folder(folder);
  sweep();
}

Store::~Store() = default;

void Store::sweep() {
  Transaction transaction(database_);
  std::set<std::string> kept_files, kept_reports;
  Statement files = database_.prepare("SELECT DISTINCT sha256 FROM studies");
  while (files.step()) kept_files.insert(files.text(0));
  Statement folders = database_.prepare("SELECT DISTINCT folder FROM results");
  while (folders.step()) kept_reports.insert(first_part(folders.text(0)));
  files_.sweep([&](const std::string& name) { return kept_files.contains(name); });
  for (const fs::directory_entry& entry : fs::directory_iterator(reports_))
    if (!kept_reports.contains(entry.path().filename().string())) fs::remove_all(entry.path());
}

std::int64_t Store::waiting() {
  Transaction transaction(database_);
  Statement query = database_.prepare("SELECT count(*) FROM jobs WHERE state = 'queued'");
  return query.step() ? query.integer(0) : 0;
}

void Store::check_queue() {
  Transaction transaction(database_);
  require_room();
}

void Store::require_room() {
  Statement query = database_.prepare("SELECT count(*) FROM jobs WHERE state = 'queued'");
  query.step();
  if (query.integer(0) >= limits_.queue)
    throw Error("queue_full"_code, {{"count", std::to_string(query.integer(0))}});
}

Accepted Store::accept(Upload upload, const std::string& name, const std::string& key) {
  const std::lock_guard files_lock(files_mutex_);
  const StoredFile file = upload.commit();
  Transaction transaction(database_);
  if (!key.empty()) {
    Statement known =
        database_.prepare("SELECT sha256, study_id, job_id FROM idempotency_keys WHERE key = ?");
    if (known.bind(key).step()) {
      if (known.text(0) != file.sha256) throw Error("key_reused"_code, {{"key", key}});
      return {known.text(1), known.text(2), true};
    }
  }
  require_room();
  Accepted accepted{new_id(), new_id(), false};
  const std::int64_t now = now_ms();
  database_.prepare("INSERT INTO studies (id, name, sha256, bytes, created_at) VALUES (?,?,?,?,?)")
      .bind(accepted.study_id)
      .bind(name)
      .bind(file.sha256)
      .bind(static_cast<std::int64_t>(file.bytes))
      .bind(now)
      .run();
  database_
      .prepare(
          "INSERT INTO jobs (id, study_id, state, created_at, queued_at) VALUES (?,?,'queued',?,?)")
      .bind(accepted.job_id)
      .bind(accepted.study_id)
      .bind(now)
      .bind(now)
      .run();
  if (!key.empty())
    database_
        .prepare("INSERT INTO idempotency_keys (key, sha256, study_id, job_id) VALUES (?,?,?,?)")
        .bind(key)
        .bind(file.sha256)
        .bind(accepted.study_id)
        .bind(accepted.job_id)
        .run();
  transaction.commit();
  return accepted;
}

std::optional<Accepted> Store::accepted_with(const std::string& key) {
  Transaction transaction(database_);
  Statement known =
      database_.prepare("SELECT study_id, job_id FROM idempotency_keys WHERE key = ?");
  if (!known.bind(key).step()) return std::nullopt;
  return Accepted{known.text(0), known.text(1), true};
}

std::vector<std::string> Store::folders_of(const std::string& job_id) {
  std::vector<std::string> folders;
  for (const Result& result : read_results(database_, job_id))
    folders.push_back(first_part(result.folder));
  return folders;
}

void Store::remove_study(const std::string& id) {
  const std::optional<Study> found = study(id);
  if (!found) throw Error("unknown_id"_code, {{"id", id}});
  const std::lock_guard files_lock(files_mutex_);
  std::vector<std::string> folders;
  bool last = false;
  {
    Transaction transaction(database_);
    folders = folders_of(found->job.id);
    // Judged by the database itself: a worker may have claimed the job since.
    const int removed = database_
                            .prepare(
                                "DELETE FROM studies WHERE id = ? AND NOT EXISTS (SELECT 1 "
                                "FROM jobs WHERE study_id = studies.id AND state = 'running')")
                            .bind(id)
                            .run();
    if (removed == 0) throw Error("wrong_job_state"_code, {{"state", "running"}});
    Statement others = database_.prepare("SELECT count(*) FROM studies WHERE sha256 = ?");
    last = others.bind(found->sha256).step() && others.integer(0) == 0;
    transaction.commit();
  }
  for (const std::string& folder : folders) fs::remove_all(report_folder(folder));
  if (last) files_.remove(found->sha256);
}

Job Store::cancel(const std::string& job_id) {
  int changed = 0;
  {
    Transaction transaction(database_);
    changed += database_
                   .prepare(
                       "UPDATE jobs SET state = 'cancelled', finished_at = ? WHERE id = ? AND "
                       "state = 'queued'")
                   .bind(now_ms())
                   .bind(job_id)
                   .run();
    changed +=
        database_.prepare("UPDATE jobs SET cancel_requested = 1 WHERE id = ? AND state = 'running'")
            .bind(job_id)
            .run();
    transaction.commit();
  }
  const std::optional<Job> after = job(job_id);
  if (!after) throw Error("unknown_id"_code, {{"id", job_id}});
  if (changed == 0) fail_state(*after);
  return *after;
}

Job Store::retry(const std::string& job_id) {
  const std::optional<Job> before = job(job_id);
  if (!before) throw Error("unknown_id"_code, {{"id", job_id}});
  std::vector<std::string> folders;
  {
    Transaction transaction(database_);
    require_room();
    folders = folders_of(job_id);
    const int changed =
        database_
            .prepare(
                "UPDATE jobs SET state = 'queued', attempts = 0, cancel_requested = 0, "
                "stage = NULL, fraction = NULL, code = NULL, arguments = NULL, queued_at = ?, "
                "started_at = NULL, finished_at = NULL "
                "WHERE id = ? AND state IN ('failed', 'cancelled')")
            .bind(now_ms())
            .bind(job_id)
            .run();
    if (changed == 0) fail_state(*before);
    database_.prepare("DELETE FROM results WHERE job_id = ?").bind(job_id).run();
    transaction.commit();
  }
  for (const std::string& folder : folders) fs::remove_all(report_folder(folder));
  return *job(job_id);
}

}  // namespace thorax::store
