// Studies go when they are older, or more, than the service is told to keep, and so do uploads in
// parts that nobody goes on with.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "serve/events.h"
#include "serve/options.h"
#include "serve/trace.h"
#include "store/parts.h"
#include "store/store.h"

namespace thorax::serve {

class Keeper {
 public:
  /// Looks at once, and then every few minutes.
  Keeper(store::Store& store, store::PartFolder& parts, EventHub& events, Trace& trace,
         const Options& options, store::Clock now);
  ~Keeper();

 private:
  void tidy();
  void work();

  store::Store& store_;
  store::PartFolder& parts_;
  EventHub& events_;
  Trace& trace_;
  const store::Retention retention_;
  const std::int64_t part_ms_;  ///< that an upload is kept without another part
  const store::Clock now_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace thorax::serve
