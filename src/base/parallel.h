// Work spread over the cores.
#pragma once

#include <cstddef>
#include <functional>

namespace thorax {

/// Threads used by parallel_for; 0 (the default) means one a core.
void set_thread_count(int threads);
int thread_count();

/// Calls body(begin, end) on disjoint ranges that cover [0, count), from several threads; ranges
/// are handed out in chunks of `chunk`. The first exception is rethrown after all threads stopped.
/// Results must not depend on which thread took which range: the output has to be the same on any
/// machine.
void parallel_for(std::size_t count, std::size_t chunk,
                  const std::function<void(std::size_t begin, std::size_t end)>& body);

}  // namespace thorax
