// Work split over independent parts of a batch.
#pragma once

#include <ATen/Parallel.h>

#include "nets/pch.h"

namespace thorax::nets {

/// Calls body(begin, end) for ranges that make up [0, count), one a thread of libtorch's; operators
/// inside run on one thread each. Without gradients only.
template <class Body>
void parallel_ranges(std::int64_t count, const Body& body) {
  const bool inference = c10::InferenceMode::is_enabled();  // modes belong to the calling thread
  at::parallel_for(0, count, 1, [&](std::int64_t begin, std::int64_t end) {
    const c10::InferenceMode mode(inference);
    const at::NoGradGuard no_grad;
    body(begin, end);
  });
}

/// Calls body(i) for every i in [0, count), spread over libtorch's threads; operators inside run on
/// one thread each. Where parts do not depend on one another this costs one synchronisation instead
/// of one an operator, keeps a part's values in one core's cache, and gives results that do not
/// depend on the number of threads. Without gradients only.
template <class Body>
void parallel_parts(std::int64_t count, const Body& body) {
  parallel_ranges(count, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) body(i);
  });
}

}  // namespace thorax::nets
