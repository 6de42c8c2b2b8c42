// Memory that the parent makes and the decoding child fills.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace thorax::intake {

/// Zeroed; the child can write to it but never change its size. Throws std::bad_alloc.
class SharedMemory {
 public:
  explicit SharedMemory(std::size_t size);
  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  int fd() const { return fd_; }
  const std::shared_ptr<void>& owner() const { return owner_; }
  template <class T>
  T* at(std::size_t offset) const {
    return reinterpret_cast<T*>(static_cast<std::uint8_t*>(owner_.get()) + offset);
  }

 private:
  int fd_;
  std::shared_ptr<void> owner_;
};

}  // namespace thorax::intake
