// Who saw and did what, in records that each hold the hash of the one before: to change, remove or
// move one without a trace, all after it have to be written anew.
//
// The number and hash of the last record also stand in a file beside the database, so that records
// cannot be cut off at the end by changing the database alone. Who can write both can still forge
// the log from some record on; against that helps only a head that was noted somewhere else.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "store/database.h"
#include "store/people.h"

namespace thorax::store {

struct AuditEntry {
  std::string who;      ///< name of the user or token; "local"; "cli:NAME" for a command
  std::string address;  ///< of the machine that asked
  std::string action;   ///< "view_study", "upload", …
  std::string target;   ///< id of a study or job, or name of a user
  std::map<std::string, std::string> details;
};

struct AuditRecord {
  std::int64_t number = 0;  ///< from 1, without gaps
  std::int64_t at = 0;
  AuditEntry entry;
  std::string hash;
};

/// The last record.
struct AuditHead {
  std::int64_t number = 0;  ///< 0: there is none
  std::string hash;

  std::string text() const { return std::to_string(number) + ':' + hash; }
  /// Throws Error("bad_parameter"_code).
  static AuditHead parse(const std::string& text);
};

/// What to list. Empty strings: any.
struct AuditQuery {
  std::string who, action, target;
  int limit = 100;
  int offset = 0;
};

/// Safe to use from several threads and processes.
class Audit {
 public:
  /// `folder`: the service's, where the head is kept. The database has to be migrated.
  Audit(Database& database, const std::filesystem::path& folder, Clock now = now_ms);

  /// On the disk when this returns. Throws Error: disk_full, database_failed, cannot_write.
  void append(const AuditEntry& entry);
  /// Newest first.
  std::vector<AuditRecord> list(const AuditQuery& query);
  std::int64_t count(const AuditQuery& query);
  /// Reads all records again. `noted`: a head that was noted before, which has to be part of them.
  /// Throws Error: audit_record_changed, audit_record_missing, audit_cut_short.
  AuditHead verify(const std::optional<AuditHead>& noted = {});

 private:
  AuditHead last();
  std::optional<AuditHead> kept_head() const;
  void keep_head(const AuditHead& head) const;

  Database& database_;
  const std::filesystem::path head_file_;
  const Clock now_;
  std::mutex mutex_;  ///< the head of this process is written in the order of the records
};

/// SHA-256 of the hash of the record before (64 zeros for the first), a line feed, and the record
/// as JSON with sorted keys and without blanks.
std::string audit_hash(const std::string& previous, const AuditRecord& record);

}  // namespace thorax::store
