#include "store/parts.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "store/ids.h"

namespace thorax::store {
namespace {

namespace fs = std::filesystem;

// How much is written between two looks at the free space.
constexpr std::uint64_t kCheckEvery = 16ull << 20;
constexpr const char* kRecord = ".json";

[[noreturn]] void fail(const fs::path& path, int number) {
  if (number == ENOSPC || number == EDQUOT) throw Error("disk_full"_code);
  throw Error("cannot_write"_code, {{"path", path.string()}, {"detail", std::strerror(number)}});
}

std::int64_t changed_ms(const fs::path& path) {
  struct stat file {};
  if (stat(path.c_str(), &file) != 0) return 0;
  return static_cast<std::int64_t>(file.st_mtim.tv_sec) * 1000 + file.st_mtim.tv_nsec / 1'000'000;
}

}  // namespace

PartFolder::PartFolder(fs::path root, FileFolder& files, int most)
    : root_(std::move(root)), files_(files), most_(most) {
  std::error_code error;
  fs::create_directories(root_, error);
  if (error) fail(root_, error.value());
}

void PartFolder::keep(const PartialFile& file) const {
  const fs::path record = root_ / (file.id + kRecord);
  const nlohmann::json json{
      {"name", file.name}, {"bytes", file.bytes}, {"received", file.received}};
  write_file(record,
             json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).append("\n"));
  sync_file(record);
  sync_folder(root_);
}

std::shared_ptr<void> PartFolder::hold(const std::string& id) {
  const std::lock_guard lock(mutex_);
  if (!busy_.insert(id).second) throw Error("upload_busy"_code);
  return {this, [id](PartFolder* folder) {
            const std::lock_guard inner(folder->mutex_);
            folder->busy_.erase(id);
          }};
}

PartialFile PartFolder::begin(const std::string& name, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  int count = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(root_))
    count += entry.path().extension() == kRecord ? 1 : 0;
  if (count >= most_) throw Error("too_many_uploads"_code, {{"count", std::to_string(count)}});
  if (bytes > files_.free_bytes()) throw Error("disk_full"_code);
  PartialFile file{new_id(), name, bytes, 0};
  const int made = open(data(file.id).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made < 0) fail(data(file.id), errno);
  close(made);
  keep(file);
  return file;
}

PartialFile PartFolder::state(const std::string& id) const {
  // A name that is no id could be a path.
  std::ifstream stream;
  if (is_id(id)) stream.open(root_ / (id + kRecord));
  const nlohmann::json json = nlohmann::json::parse(stream, nullptr, false);
  if (!json.is_object()) throw Error("unknown_id"_code, {{"id", id}});
  return {id, json.at("name").get<std::string>(), json.at("bytes").get<std::uint64_t>(),
          json.at("received").get<std::uint64_t>()};
}

PartFolder::Part PartFolder::append(const std::string& id, std::uint64_t offset) {
  std::shared_ptr<void> held = hold(id);
  PartialFile file = state(id);
  if (offset != file.received)
    throw Error("upload_offset"_code,
                {{"offset", std::to_string(offset)}, {"received", std::to_string(file.received)}});
  if (files_.free_bytes() == 0) throw Error("disk_full"_code);
  return Part(*this, std::move(file), std::move(held));
}

Upload PartFolder::whole(const std::string& id) {
  const std::shared_ptr<void> held = hold(id);
  const PartialFile file = state(id);
  if (file.received < file.bytes)
    throw Error("upload_incomplete"_code, {{"received", std::to_string(file.received)},
                                           {"bytes", std::to_string(file.bytes)}});
  return files_.take_over(data(id));
}

void PartFolder::remove(const std::string& id) {
  const std::shared_ptr<void> held = hold(id);
  state(id);
  // Bytes without a record are swept away; a record without bytes would be an upload that cannot go
  // on.
  fs::remove(root_ / (id + kRecord));
  fs::remove(data(id));
}

void PartFolder::sweep(std::int64_t since) {
  const std::lock_guard lock(mutex_);
  for (const fs::directory_entry& entry : fs::directory_iterator(root_)) {
    const std::string id = entry.path().stem().string();
    const bool old = changed_ms(root_ / (id + kRecord)) < since;
    std::error_code ignored;
    if (old && !busy_.contains(id)) fs::remove(entry.path(), ignored);
  }
}

PartFolder::Part::Part(PartFolder& folder, PartialFile file, std::shared_ptr<void> held)
    : folder_(folder), file_(std::move(file)), held_(std::move(held)) {
  const fs::path path = folder_.data(file_.id);
  descriptor_ = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor_ < 0) fail(path, errno);
  // A crash may have left more than what is known to be whole.
  if (ftruncate(descriptor_, static_cast<off_t>(file_.received)) == 0 &&
      lseek(descriptor_, 0, SEEK_END) >= 0)
    return;
  const int number = errno;
  close(descriptor_);
  fail(path, number);
}

PartFolder::Part::~Part() {
  if (descriptor_ < 0) return;
  try {
    settle();
  } catch (const std::exception& error) {
    // What is not written down is sent once more.
    log::warning(std::string("part of an upload: ") + error.what());
  }
  close(descriptor_);
}

void PartFolder::Part::write(std::span<const char> bytes) {
  if (bytes.size() > file_.bytes - file_.received)
    throw Error("upload_too_large"_code, {{"limit", std::to_string(file_.bytes)}});
  if (file_.received / kCheckEvery != (file_.received + bytes.size()) / kCheckEvery &&
      folder_.files_.free_bytes() == 0)
    throw Error("disk_full"_code);
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(folder_.data(file_.id), errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    file_.received += static_cast<std::uint64_t>(written);
  }
}

void PartFolder::Part::settle() {
  if (fsync(descriptor_) != 0) fail(folder_.data(file_.id), errno);
  folder_.keep(file_);
}

PartialFile PartFolder::Part::finish() {
  settle();
  close(std::exchange(descriptor_, -1));
  held_.reset();
  return file_;
}

}  // namespace thorax::store
