// Bytes of one file, wherever they live: mapped, unpacked in memory, or a part of another.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace thorax::intake {

/// A view that keeps what it looks at alive.
class Bytes {
 public:
  Bytes() = default;
  Bytes(std::span<const std::uint8_t> data, std::shared_ptr<const void> owner)
      : data_(data), owner_(std::move(owner)) {}

  const std::uint8_t* data() const { return data_.data(); }
  std::size_t size() const { return data_.size(); }
  std::span<const std::uint8_t> span() const { return data_; }

 private:
  std::span<const std::uint8_t> data_;
  std::shared_ptr<const void> owner_;
};

/// Maps the first bytes of a regular file, at most `bytes`, for reading. Throws
/// Error(file_unreadable). `shown` is the name that people see.
Bytes map_file(const std::string& file, const std::string& shown, std::uint64_t bytes);
/// The same for all of a file; throws Error(entry_too_large) when it is longer than `max_bytes`.
Bytes map_whole_file(const std::string& file, const std::string& shown, std::uint64_t max_bytes);

/// A growing block of memory without the cost of clearing it first.
class ByteBuffer {
 public:
  /// Room for `more` bytes behind what is there; commit() says how many were written.
  std::span<std::uint8_t> reserve(std::size_t more);
  void commit(std::size_t written) { size_ += written; }
  std::size_t size() const { return size_; }
  const std::uint8_t* data() const { return data_.get(); }
  /// Gives the bytes away; the buffer is empty afterwards.
  Bytes release();

 private:
  std::unique_ptr<std::uint8_t[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace thorax::intake
