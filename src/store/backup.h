// Everything the service keeps in one file, and back.
#pragma once

#include <cstdint>
#include <filesystem>

namespace thorax::store {

struct BackupSize {
  std::int64_t studies = 0;
  std::int64_t files = 0;  ///< besides the database
  std::uint64_t bytes = 0;
};

/// Writes a tar of the service's folder: the database as it is at one moment, the head of the audit
/// log, the keys, the uploads and the reports of its studies. The service may run meanwhile; a
/// study deleted while the backup is written may be in it without its files. The file is its
/// owner's alone: it holds what the folder holds. Throws Error: no_such_input, cannot_write,
/// disk_full, database_failed, database_newer.
BackupSize write_backup(const std::filesystem::path& folder, const std::filesystem::path& file);

/// Makes a folder of a backup, and reads every upload again to hold it to its hash. What is refused
/// leaves nothing in the folder.
/// Throws Error: restore_in_the_way when the folder holds anything, backup_unreadable,
/// cannot_write.
BackupSize restore_backup(const std::filesystem::path& file, const std::filesystem::path& folder);

}  // namespace thorax::store
