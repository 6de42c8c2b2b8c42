#include "store/files.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "base/error.h"
#include "store/ids.h"

namespace thorax::store {
namespace fs = std::filesystem;
namespace {

// How much is written between two looks at the free space.
constexpr std::uint64_t kCheckEvery = 16ull << 20;
// How much has come when the disk is asked to begin with it.
constexpr std::uint64_t kBeginEvery = 4ull << 20;
constexpr std::size_t kPiece = 1 << 20;

[[noreturn]] void fail(const fs::path& path, int number) {
  if (number == ENOSPC || number == EDQUOT) throw Error("disk_full"_code);
  throw Error("cannot_write"_code, {{"path", path.string()}, {"detail", std::strerror(number)}});
}

void make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) fail(path, error.value());
}

void sync(const fs::path& path, int flags) {
  const int descriptor = open(path.c_str(), flags | O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail(path, errno);
  const int status = fsync(descriptor);
  const int number = errno;
  close(descriptor);
  if (status != 0) fail(path, number);
}

}  // namespace

void sync_folder(const fs::path& folder) {
  sync(folder, O_DIRECTORY);
}

void sync_file(const fs::path& file) {
  sync(file, 0);
}

void sync_tree(const fs::path& folder) {
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.is_symlink()) continue;
    if (entry.is_directory())
      sync_tree(entry.path());
    else
      sync_file(entry.path());
  }
  sync_folder(folder);
}

Upload::Upload(FileFolder& folder) : folder_(&folder), path_(folder.root_ / "incoming" / new_id()) {
  descriptor_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor_ < 0) fail(path_, errno);
}

Upload::Upload(FileFolder& folder, const fs::path& whole)
    : Upload(folder, At{folder.root_ / "incoming" / new_id()}) {
  descriptor_ = open(whole.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0 || link(whole.c_str(), path_.c_str()) != 0) fail(path_, errno);
  std::vector<char> piece(kPiece);
  for (;;) {
    const ssize_t count = read(descriptor_, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(path_, errno);
    if (count == 0) break;
    hash_.update(std::string_view(piece.data(), static_cast<std::size_t>(count)));
    bytes_ += static_cast<std::uint64_t>(count);
  }
}

Upload::Upload(Upload&& other) noexcept
    : folder_(other.folder_),
      path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      bytes_(other.bytes_),
      checked_at_(other.checked_at_),
      begun_at_(other.begun_at_),
      hash_(std::move(other.hash_)) {}

Upload::~Upload() {
  if (descriptor_ < 0) return;
  close(descriptor_);
  unlink(path_.c_str());
}

void Upload::write(std::span<const char> bytes) {
  if (bytes_ - checked_at_ >= kCheckEvery) {
    if (folder_->free_bytes() == 0) throw Error("disk_full"_code);
    checked_at_ = bytes_;
  }
  hash_.update(std::string_view(bytes.data(), bytes.size()));
  bytes_ += bytes.size();
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(path_, errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  if (bytes_ - begun_at_ < kBeginEvery) return;
  // The disk begins with it while more comes; else all of it waits for the flush at the end. What
  // fails here fails there too, and is told then.
  sync_file_range(descriptor_, static_cast<off64_t>(begun_at_),
                  static_cast<off64_t>(bytes_ - begun_at_), SYNC_FILE_RANGE_WRITE);
  begun_at_ = bytes_;
}

StoredFile Upload::commit() {
  if (fsync(descriptor_) != 0) fail(path_, errno);
  StoredFile file{hash_.hex(), bytes_};
  const fs::path target = folder_->path_of(file.sha256);
  const bool new_folder = !fs::exists(target.parent_path());
  make_folder(target.parent_path());
  // A file of that name holds the same bytes; renaming over it changes nothing.
  if (rename(path_.c_str(), target.c_str()) != 0) fail(target, errno);
  close(std::exchange(descriptor_, -1));
  sync_folder(target.parent_path());
  if (new_folder) sync_folder(target.parent_path().parent_path());
  return file;
}

FileFolder::FileFolder(fs::path root, std::uint64_t reserve)
    : root_(std::move(root)), reserve_(reserve) {
  make_folder(root_ / "incoming");
}

Upload FileFolder::begin(std::uint64_t expected) {
  const std::uint64_t free = free_bytes();
  if (free == 0 || expected > free) throw Error("disk_full"_code);
  return Upload(*this);
}

Upload FileFolder::take_over(const fs::path& whole) {
  return {*this, whole};
}

fs::path FileFolder::path_of(const std::string& sha256) const {
  return root_ / sha256.substr(0, 2) / sha256;
}

void FileFolder::remove(const std::string& sha256) const {
  std::error_code error;
  if (!fs::remove(path_of(sha256), error) && error) fail(path_of(sha256), error.value());
}

void FileFolder::sweep(const std::function<bool(const std::string& sha256)>& keeps) const {
  for (const fs::directory_entry& folder : fs::directory_iterator(root_)) {
    const bool incoming = folder.path().filename() == "incoming";
    for (const fs::directory_entry& entry : fs::directory_iterator(folder.path()))
      if (incoming || !keeps(entry.path().filename().string())) fs::remove(entry.path());
  }
}

std::uint64_t FileFolder::free_bytes() const {
  struct statvfs disk {};
  if (statvfs(root_.c_str(), &disk) != 0) fail(root_, errno);
  const std::uint64_t free = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
  return free > reserve_ ? free - reserve_ : 0;
}

}  // namespace thorax::store
