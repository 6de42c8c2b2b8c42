// Studies go when they are older, or more, than the service is told to keep.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "serve/events.h"
#include "serve/options.h"
#include "serve/trace.h"
#include "store/store.h"

namespace thorax::serve {

class Keeper {
 public:
  /// Looks at once, and then every few minutes, when there is anything to be told.
  Keeper(store::Store& store, EventHub& events, Trace& trace, const Options& options,
         store::Clock now);
  ~Keeper();

 private:
  void tidy();
  void work();

  store::Store& store_;
  EventHub& events_;
  Trace& trace_;
  const store::Retention retention_;
  const store::Clock now_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace thorax::serve
