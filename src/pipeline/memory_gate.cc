#include "pipeline/memory_gate.h"

namespace thorax::pipeline {

MemoryGate::Share MemoryGate::take(std::uint64_t bytes) {
  std::unique_lock lock(mutex_);
  freed_.wait(lock, [&] { return taken_ == 0 || (bytes <= limit_ && taken_ <= limit_ - bytes); });
  taken_ += bytes;
  return {*this, bytes};
}

void MemoryGate::give_back(std::uint64_t bytes) {
  {
    const std::lock_guard lock(mutex_);
    taken_ -= bytes;
  }
  freed_.notify_all();
}

std::uint64_t MemoryGate::taken() const {
  const std::lock_guard lock(mutex_);
  return taken_;
}

}  // namespace thorax::pipeline
