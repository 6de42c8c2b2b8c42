#include "store/backup.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include <array>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/hash.h"
#include "store/database.h"
#include "store/export_key.h"
#include "store/files.h"
#include "store/ids.h"
#include "store/patient_key.h"
#include "store/schema.h"
#include "store/store.h"

namespace thorax::store {
namespace fs = std::filesystem;
namespace {

constexpr const char* kHeadName = "audit.head";
constexpr std::size_t kPiece = 1 << 20;

/// A file that goes when it is not needed any more.
class Scratch {
 public:
  explicit Scratch(fs::path path) : path_(std::move(path)) {}
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// A folder that is emptied again unless all of it came.
class Filling {
 public:
  explicit Filling(fs::path folder) : folder_(std::move(folder)) {}
  Filling(const Filling&) = delete;
  Filling& operator=(const Filling&) = delete;
  ~Filling() {
    if (whole_) return;
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_, ignored))
      fs::remove_all(entry.path(), ignored);
  }
  void is_whole() { whole_ = true; }

 private:
  fs::path folder_;
  bool whole_ = false;
};

class Tar {
 public:
  explicit Tar(const fs::path& file) : file_(file), archive_(archive_write_new()) {
    archive_write_set_format_pax_restricted(archive_.get());
    check(archive_write_open_filename(archive_.get(), file.c_str()));
  }

  /// Not an error when the file is gone.
  void add(const fs::path& source, const std::string& name, BackupSize& size) {
    std::ifstream stream(source, std::ios::binary);
    std::error_code error;
    std::uint64_t left = fs::file_size(source, error);
    if (!stream || error) return;
    const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(archive_entry_new(),
                                                                              archive_entry_free);
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(left));
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0600);
    check(archive_write_header(archive_.get(), entry.get()));
    ++size.files;
    size.bytes += left;
    for (std::string piece(kPiece, '\0'); left > 0;) {
      stream.read(piece.data(),
                  static_cast<std::streamsize>(std::min<std::uint64_t>(kPiece, left)));
      if (stream.gcount() <= 0)
        throw Error("cannot_write"_code, {{"path", file_.string()}, {"detail", source.string()}});
      const auto count = static_cast<std::size_t>(stream.gcount());
      if (archive_write_data(archive_.get(), piece.data(), count) < 0) check(ARCHIVE_FATAL);
      left -= count;
    }
  }

  void close() { check(archive_write_close(archive_.get())); }

 private:
  struct Free {
    void operator()(archive* held) const { archive_write_free(held); }
  };

  void check(int status) const {
    if (status >= ARCHIVE_WARN) return;
    if (archive_errno(archive_.get()) == ENOSPC) throw Error("disk_full"_code);
    const char* detail = archive_error_string(archive_.get());
    throw Error("cannot_write"_code, {{"path", file_.string()}, {"detail", detail ? detail : ""}});
  }

  const fs::path file_;
  std::unique_ptr<archive, Free> archive_;
};

std::vector<std::string> texts(Database& database, const char* sql) {
  Transaction transaction(database);
  Statement rows = database.prepare(sql);
  std::vector<std::string> out;
  while (rows.step()) out.push_back(rows.text(0));
  return out;
}

std::vector<std::string> uploads_of(Database& database) {
  return texts(database, "SELECT DISTINCT sha256 FROM studies ORDER BY sha256");
}

[[noreturn]] void unreadable(const fs::path& file, const std::string& detail) {
  throw Error("backup_unreadable"_code, {{"path", file.string()}, {"detail", detail}});
}

/// Where an entry goes: below the folder, and nowhere else.
fs::path place_of(const fs::path& file, const fs::path& folder, const fs::path& name) {
  bool good = !name.empty() && name.is_relative();
  for (const fs::path& part : name) good = good && part != ".." && part != "." && !part.empty();
  if (!good) unreadable(file, name.string());
  return folder / name;
}

void unpack(const fs::path& file, const fs::path& folder) {
  const std::unique_ptr<archive, decltype(&archive_read_free)> tar(archive_read_new(),
                                                                   archive_read_free);
  const auto check = [&](int status) {
    if (status < ARCHIVE_WARN) unreadable(file, archive_error_string(tar.get()));
    return status;
  };
  check(archive_read_support_format_tar(tar.get()));
  check(archive_read_open_filename(tar.get(), file.c_str(), kPiece));
  archive_entry* entry = nullptr;
  std::string piece(kPiece, '\0');
  while (check(archive_read_next_header(tar.get(), &entry)) != ARCHIVE_EOF) {
    const char* name = archive_entry_pathname(entry);
    if (!name || archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry))
      unreadable(file, name ? name : "?");
    const fs::path place = place_of(file, folder, name);
    fs::create_directories(place.parent_path());
    std::ofstream stream(place, std::ios::binary);
    for (la_ssize_t count = 1; count > 0;) {
      count = archive_read_data(tar.get(), piece.data(), piece.size());
      if (count < 0) check(static_cast<int>(count));
      if (count > 0) stream.write(piece.data(), count);
    }
    if (!stream.flush())
      throw Error("cannot_write"_code, {{"path", place.string()}, {"detail", "disk"}});
  }
}

}  // namespace

BackupSize write_backup(const fs::path& folder, const fs::path& file) {
  if (!fs::is_regular_file(folder / kDatabaseName))
    throw Error("no_such_input"_code, {{"path", (folder / kDatabaseName).string()}});
  // What is copied of the database is whole whatever is written to it meanwhile.
  const Scratch copy(folder / ("backup-" + new_id() + ".db"));
  {
    Database database(folder / kDatabaseName);
    database.prepare("VACUUM INTO ?").bind(copy.path().string()).run();
  }
  const Scratch unfinished(file.string() + ".part-" + new_id());
  const mode_t mask = umask(077);
  BackupSize size;
  {
    Tar tar(unfinished.path());
    umask(mask);
    tar.add(copy.path(), kDatabaseName, size);
    size.files = 0;
    tar.add(folder / kHeadName, kHeadName, size);
    tar.add(folder / PatientKey::kName, PatientKey::kName, size);
    tar.add(folder / kExportKeyName, kExportKeyName, size);
    Database database(copy.path());
    migrate(database);
    const FileFolder files(folder / "files", 0);
    size.studies = static_cast<std::int64_t>(texts(database, "SELECT id FROM studies").size());
    for (const std::string& sha256 : uploads_of(database)) {
      const fs::path upload = files.path_of(sha256);
      tar.add(upload, upload.lexically_relative(folder).string(), size);
    }
    std::set<std::string> reports;
    for (const std::string& report : texts(database, "SELECT DISTINCT folder FROM results"))
      reports.insert(report.substr(0, report.find('/')));
    for (const std::string& report : reports) {
      const fs::path place = folder / "reports" / report;
      if (!fs::is_directory(place)) continue;
      for (const fs::directory_entry& entry : fs::recursive_directory_iterator(place))
        if (entry.is_regular_file() && !entry.is_symlink())
          tar.add(entry.path(), entry.path().lexically_relative(folder).string(), size);
    }
    tar.close();
  }
  std::error_code error;
  fs::rename(unfinished.path(), file, error);
  if (error)
    throw Error("cannot_write"_code, {{"path", file.string()}, {"detail", error.message()}});
  return size;
}

BackupSize restore_backup(const fs::path& file, const fs::path& folder) {
  if (fs::exists(folder) && !fs::is_empty(folder))
    throw Error("restore_in_the_way"_code, {{"path", folder.string()}});
  if (!fs::is_regular_file(file)) throw Error("no_such_input"_code, {{"path", file.string()}});
  make_data_folder(folder);
  Filling filling(folder);
  unpack(file, folder);
  if (!fs::is_regular_file(folder / kDatabaseName)) unreadable(file, kDatabaseName);
  Database database(folder / kDatabaseName);
  migrate(database);
  for (const std::string& answer : texts(database, "PRAGMA integrity_check"))
    if (answer != "ok") unreadable(file, answer);
  BackupSize size;
  size.studies = static_cast<std::int64_t>(texts(database, "SELECT id FROM studies").size());
  const FileFolder files(folder / "files", 0);
  for (const std::string& sha256 : uploads_of(database)) {
    const fs::path upload = files.path_of(sha256);
    if (!fs::is_regular_file(upload) || sha256_file(upload) != sha256) unreadable(file, sha256);
    ++size.files;
    size.bytes += fs::file_size(upload);
  }
  sync_tree(folder);
  filling.is_whole();
  return size;
}

}  // namespace thorax::store
