// Lets studies in as long as their memory fits together.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace thorax::pipeline {

class MemoryGate {
 public:
  explicit MemoryGate(std::uint64_t limit_bytes) : limit_(limit_bytes) {}

  /// Holds a share of the memory until destroyed.
  class Share {
   public:
    Share(MemoryGate& gate, std::uint64_t bytes) : gate_(gate), bytes_(bytes) {}
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share() { gate_.give_back(bytes_); }

   private:
    MemoryGate& gate_;
    std::uint64_t bytes_;
  };

  /// Waits until `bytes` fit beside what is taken; one study always gets in when no other is at
  /// work, however large it is.
  [[nodiscard]] Share take(std::uint64_t bytes);

  std::uint64_t taken() const;

 private:
  void give_back(std::uint64_t bytes);

  const std::uint64_t limit_;
  mutable std::mutex mutex_;
  std::condition_variable freed_;
  std::uint64_t taken_ = 0;
};

}  // namespace thorax::pipeline
