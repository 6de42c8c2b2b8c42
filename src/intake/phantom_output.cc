#include "intake/phantom_output.h"

#include <archive.h>
#include <archive_entry.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <fstream>

#include "base/error.h"

namespace thorax::intake {
namespace {

namespace fs = std::filesystem;

constexpr time_t kArchiveTime = 1577880000;  // 2020-01-01 12:00 UTC, the phantom's study date

[[noreturn]] void fail(const fs::path& path, const std::string& detail) {
  throw Error("cannot_write"_code, {{"path", path.string()}, {"detail", detail}});
}

fs::path temporary_name(const fs::path& path) {
  return path.string() + ".part-" + std::to_string(::getpid());
}

/// Removes what earlier runs left of the same output when they were killed.
void remove_stale(const fs::path& path) {
  const std::string start = path.filename().string() + ".part-";
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(start)) continue;
    pid_t pid = 0;
    const char* end = name.data() + name.size();
    const auto [rest, problem] = std::from_chars(name.data() + start.size(), end, pid);
    if (problem != std::errc() || rest != end || pid <= 0) continue;
    if (::kill(pid, 0) != 0 && errno == ESRCH) fs::remove_all(entry.path(), error);
  }
}

void write_plain(const fs::path& path, const std::string& bytes) {
  std::ofstream out(path, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) fail(path, std::generic_category().message(errno));
}

}  // namespace

struct PhantomOutput::Archive {
  explicit Archive(const fs::path& target) : path(target), handle(archive_write_new()) {
    check(archive_write_set_format_zip(handle));
    check(archive_write_open_filename(handle, target.c_str()));
  }
  ~Archive() { archive_write_free(handle); }
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;

  void check(int status) {
    if (status != ARCHIVE_OK) fail(path, archive_error_string(handle));
  }
  void add(const PhantomFile& file) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, file.name.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(file.bytes.size()));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_mtime(entry, kArchiveTime, 0);
    const int status = archive_write_header(handle, entry);
    archive_entry_free(entry);
    check(status);
    if (archive_write_data(handle, file.bytes.data(), file.bytes.size()) !=
        static_cast<la_ssize_t>(file.bytes.size()))
      fail(path, archive_error_string(handle));
  }

  fs::path path;
  archive* handle;
};

PhantomOutput::PhantomOutput(fs::path path)
    : path_(std::move(path)), temporary_(temporary_name(path_)) {
  std::error_code none;
  if (fs::exists(path_) && !(fs::is_directory(path_) && fs::is_empty(path_, none)))
    fail(path_, "it exists already");
  std::error_code error;
  if (path_.has_parent_path()) fs::create_directories(path_.parent_path(), error);
  fs::remove_all(temporary_, error);
  remove_stale(path_);
  if (path_.extension() == ".zip") {
    archive_ = std::make_unique<Archive>(temporary_);
  } else if (!fs::create_directory(temporary_, error)) {
    fail(temporary_, error.message());
  }
}

PhantomOutput::~PhantomOutput() {
  archive_.reset();
  std::error_code ignored;  // nothing can be done about it here
  if (!done_) fs::remove_all(temporary_, ignored);
}

void PhantomOutput::add(const PhantomFile& file) {
  if (archive_)
    archive_->add(file);
  else
    write_plain(temporary_ / file.name, file.bytes);
}

void PhantomOutput::commit() {
  if (archive_) {
    archive_->check(archive_write_close(archive_->handle));
    archive_.reset();
  }
  std::error_code error;
  if (fs::is_directory(path_)) fs::remove(path_, error);
  fs::rename(temporary_, path_, error);
  if (error) fail(path_, error.message());
  done_ = true;
}

void write_phantom_file(const fs::path& path, const std::string& bytes) {
  std::error_code error;
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), error);
  remove_stale(path);
  const fs::path temporary = temporary_name(path);
  try {
    write_plain(temporary, bytes);
    fs::rename(temporary, path, error);
    if (error) fail(path, error.message());
  } catch (const Error&) {
    fs::remove(temporary, error);
    throw;
  }
}

}  // namespace thorax::intake
