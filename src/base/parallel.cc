#include "base/parallel.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>
#include <vector>

namespace thorax {
namespace {
std::atomic<int> configured_threads{0};
}

void set_thread_count(int threads) {
  configured_threads = std::max(0, threads);
}

int thread_count() {
  const int configured = configured_threads;
  return configured > 0 ? configured
                        : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

void parallel_for(std::size_t count, std::size_t chunk,
                  const std::function<void(std::size_t, std::size_t)>& body) {
  chunk = std::max<std::size_t>(1, chunk);
  const std::size_t chunks = (count + chunk - 1) / chunk;
  const std::size_t workers =
      std::min<std::size_t>(chunks, static_cast<std::size_t>(thread_count()));
  std::atomic<std::size_t> next{0};
  const auto run = [&] {
    for (std::size_t i = next++; i < chunks; i = next++)
      body(i * chunk, std::min(count, (i + 1) * chunk));
  };
  std::vector<std::future<void>> others;
  for (std::size_t i = 1; i < workers; ++i) others.push_back(std::async(std::launch::async, run));
  run();
  for (std::future<void>& other : others) other.get();
}

}  // namespace thorax
