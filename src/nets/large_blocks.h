// Memory for large tensors that is used again. What the kernel gets back it clears before it hands
// it out anew, page by page (docs/performance.md says what that takes).
#pragma once

#include <cstddef>

namespace thorax::nets {

/// From now on libtorch's tensors in this process's memory of at least `kLargeBlock` bytes lie in
/// blocks that are kept when the tensor goes, up to `kMostKept` bytes of them, and given to the
/// next one of nearly that size; smaller ones come from the heap as before. May be called again.
void keep_large_blocks();
/// Gives the kept blocks back to the kernel.
void release_large_blocks();

inline constexpr std::size_t kLargeBlock = std::size_t{4} << 20;
inline constexpr std::size_t kMostKept = std::size_t{512} << 20;

}  // namespace thorax::nets
