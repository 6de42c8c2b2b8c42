// Failed attempts are counted, and too many of them stop the next for a while.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>

#include "store/people.h"

namespace thorax::serve {

/// Thread-safe. Holds a bounded number of names.
class Throttle {
 public:
  /// `allowed` failures of one name within `window_ms`.
  Throttle(int allowed, std::int64_t window_ms, store::Clock now);

  /// Milliseconds until the name may try again; 0: now.
  std::int64_t wait_ms(const std::string& name);
  void failed(const std::string& name);
  void forget(const std::string& name);

 private:
  void drop_old(std::deque<std::int64_t>& times, std::int64_t now) const;

  const std::size_t allowed_;
  const std::int64_t window_ms_;
  const store::Clock now_;
  std::mutex mutex_;
  std::map<std::string, std::deque<std::int64_t>> failures_;  ///< when, the latest last
};

}  // namespace thorax::serve
