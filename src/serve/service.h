// The service: HTTP in front, the store behind, workers beside it.
#pragma once

#include <memory>
#include <string>

#include "serve/options.h"
#include "serve/worker.h"
#include "store/people.h"

namespace thorax::serve {

/// Listens from construction until stop(). Throws what Store throws, users_missing,
/// tls_missing, cannot_listen.
class Service {
 public:
  Service(const Options& options, const WorkerCommand& command,
          const store::Clock& now = store::now_ms);
  ~Service();

  int port() const;
  std::string address() const;  ///< "http://127.0.0.1:8765"
  /// Answers no more, lets studies being read finish for a while, hands the rest back to the queue.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace thorax::serve
