// Ctrl-C: the first one asks the work to stop, which cleans up; a second one ends at once.
#pragma once

#include <atomic>

namespace thorax::cli {

/// While it lives, SIGINT, SIGTERM and SIGHUP set flag(). One at a time.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  const std::atomic<bool>& flag() const;
};

}  // namespace thorax::cli
