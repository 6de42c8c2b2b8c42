#include "nets/large_blocks.h"

#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <list>
#include <mutex>
#include <new>
#include <unordered_map>

namespace thorax::nets {
namespace {

constexpr std::size_t kPage = 4096;                   // a block begins on one
constexpr std::size_t kGrain = std::size_t{2} << 20;  // sizes of blocks: whole huge pages
constexpr std::size_t kMostSpare = std::size_t{5};    // a block may be larger by this part

class LargeBlocks {
 public:
  void* take(std::size_t bytes) {
    const std::size_t size = (bytes + kGrain - 1) / kGrain * kGrain;
    {
      const std::lock_guard lock(mutex_);
      auto best = kept_.end();
      for (auto block = kept_.begin(); block != kept_.end(); ++block)
        if (block->size >= size && block->size <= size + size / kMostSpare &&
            (best == kept_.end() || block->size < best->size))
          best = block;
      if (best != kept_.end()) {
        void* const place = best->place;
        lent_.emplace(place, best->size);
        kept_bytes_ -= best->size;
        kept_.erase(best);
        return place;
      }
    }
    void* const place =
        mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (place == MAP_FAILED) throw std::bad_alloc();
    madvise(place, size, MADV_HUGEPAGE);
    const std::lock_guard lock(mutex_);
    lent_.emplace(place, size);
    return place;
  }

  /// False when the place is none of these blocks.
  bool take_back(void* place) {
    const std::lock_guard lock(mutex_);
    const auto found = lent_.find(place);
    if (found == lent_.end()) return false;
    kept_.push_front({place, found->second});
    kept_bytes_ += found->second;
    lent_.erase(found);
    shrink(kMostKept);
    return true;
  }

  void release() {
    const std::lock_guard lock(mutex_);
    shrink(0);
  }

 private:
  struct Block {
    void* place;
    std::size_t size;
  };

  /// Those go first that have lain longest.
  void shrink(std::size_t most) {
    while (kept_bytes_ > most) {
      munmap(kept_.back().place, kept_.back().size);
      kept_bytes_ -= kept_.back().size;
      kept_.pop_back();
    }
  }

  std::mutex mutex_;
  std::list<Block> kept_;  // the latest first
  std::size_t kept_bytes_ = 0;
  std::unordered_map<void*, std::size_t> lent_;
};

/// Never destroyed: libtorch's own statics hold tensors until the process ends.
LargeBlocks& large_blocks() {
  static auto* const blocks = new LargeBlocks;
  return *blocks;
}

void give_back(void* place) {
  const bool may_be_large = reinterpret_cast<std::uintptr_t>(place) % kPage == 0;
  if (!may_be_large || !large_blocks().take_back(place)) c10::free_cpu(place);
}

class Allocator final : public c10::Allocator {
 public:
  c10::DataPtr allocate(std::size_t bytes) const override {
    void* const place = bytes < kLargeBlock ? c10::alloc_cpu(bytes) : large_blocks().take(bytes);
    return {place, place, &give_back, c10::Device(c10::DeviceType::CPU)};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &give_back; }
};

}  // namespace

void keep_large_blocks() {
  static auto* const allocator = [] {
    auto* const made = new Allocator;
    c10::SetCPUAllocator(made, /*priority=*/1);
    return made;
  }();
  static_cast<void>(allocator);
}

void release_large_blocks() {
  large_blocks().release();
}

}  // namespace thorax::nets
