// What happens to jobs, told to everybody who listens (server-sent events).
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

namespace thorax::serve {

struct Event {
  std::string id;    ///< where a listener may go on from
  std::string type;  ///< "job", "progress", "study", "reset"
  std::string data;  ///< JSON on one line
};

/// Keeps the latest events, so that a listener whose connection broke misses none. Thread-safe.
class EventHub {
 public:
  explicit EventHub(std::size_t kept = 4096);

  void publish(const std::string& type, const std::string& data);

  /// A place in the stream of events.
  class Listener {
   public:
    /// What came since the last call; waits up to `patience` when nothing has, and not at all once
    /// the hub is closed.
    std::vector<Event> next(std::chrono::milliseconds patience);
    /// The id of the last event that was heard, or would have been.
    std::string place() const;

   private:
    friend class EventHub;
    Listener(EventHub& hub, std::uint64_t from, bool reset)
        : hub_(&hub), next_(from), reset_(reset) {}

    EventHub* hub_;
    std::uint64_t next_;
    bool reset_;  ///< what came since the last event heard is not kept any more
  };

  /// From now on, or from the event after `last_id`. When that one is not known any more (an
  /// earlier run of the service, too long ago), the first event is "reset": ask for everything
  /// anew.
  Listener listen(const std::string& last_id = {});

  void close();
  bool closed() const;

 private:
  std::string id_of(std::uint64_t number) const;

  const std::string run_;  ///< differs from run to run
  const std::size_t kept_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Event> events_;  ///< the last of them is number next_ - 1
  std::uint64_t next_ = 1;
  bool closed_ = false;
};

}  // namespace thorax::serve
