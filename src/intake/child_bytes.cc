#include "intake/child_bytes.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace thorax::intake {
namespace {

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

[[noreturn]] void unreadable(const std::string& shown) {
  throw Error("file_unreadable"_code, {{"path", shown}, {"detail", std::strerror(errno)}});
}

Bytes map(const std::string& file, const std::string& shown, std::uint64_t bytes, bool whole) {
  const FileDescriptor fd(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (fd.get() < 0 || fstat(fd.get(), &status) != 0) unreadable(shown);
  if (!S_ISREG(status.st_mode)) {
    errno = EINVAL;
    unreadable(shown);
  }
  const auto length = static_cast<std::uint64_t>(status.st_size);
  if (whole && length > bytes)
    throw Error("entry_too_large"_code, {{"path", shown}, {"limit", std::to_string(bytes)}});
  const auto size = static_cast<std::size_t>(std::min(length, bytes));
  if (size == 0) return {};
  void* data = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (data == MAP_FAILED) {
    if (errno == ENOMEM) throw std::bad_alloc();
    unreadable(shown);
  }
  const std::shared_ptr<const void> owner(data, [size](void* p) { munmap(p, size); });
  return {{static_cast<const std::uint8_t*>(data), size}, owner};
}

}  // namespace

Bytes map_file(const std::string& file, const std::string& shown, std::uint64_t bytes) {
  return map(file, shown, bytes, false);
}

Bytes map_whole_file(const std::string& file, const std::string& shown, std::uint64_t max_bytes) {
  return map(file, shown, max_bytes, true);
}

std::span<std::uint8_t> ByteBuffer::reserve(std::size_t more) {
  if (size_ + more > capacity_) {
    const std::size_t capacity = std::max(size_ + more, capacity_ + capacity_ / 2);
    auto grown = std::make_unique_for_overwrite<std::uint8_t[]>(capacity);
    std::copy_n(data_.get(), size_, grown.get());
    data_ = std::move(grown);
    capacity_ = capacity;
  }
  return {data_.get() + size_, more};
}

Bytes ByteBuffer::release() {
  const std::shared_ptr<const std::uint8_t[]> owner(std::move(data_));
  Bytes bytes({owner.get(), size_}, owner);
  size_ = capacity_ = 0;
  return bytes;
}

}  // namespace thorax::intake
