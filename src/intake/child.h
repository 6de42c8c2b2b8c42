// The parent's side of the decoding child: a second process of this program that parses untrusted
// bytes within limits.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <string>

#include "base/progress.h"
#include "intake/protocol.h"

namespace thorax::intake {

/// A running child. Destroying it ends the process.
class Child {
 public:
  /// Starts the process. Throws Error(decoder_not_started). `source` names its input in messages.
  Child(const Limits& limits, std::string source);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Sends a request, with shared memory when `shared` is not negative. `seconds` is the wall time
  /// until its last reply.
  void ask(const nlohmann::json& request, int seconds, int shared = -1);
  /// The next reply that is no progress report. A reply with an error is thrown as that Error; a
  /// child that dies, is too slow or talks nonsense is ended and becomes Error(decoder_...).
  nlohmann::json reply(const Progress& progress, std::string_view stage);

  pid_t pid() const { return pid_; }

 private:
  [[noreturn]] void report_death();
  int end(bool at_once);

  Limits limits_;
  std::string source_;
  pid_t pid_ = -1;
  std::unique_ptr<Channel> channel_;
  bool busy_ = false;
  int seconds_ = 0;
  std::chrono::steady_clock::time_point deadline_;
};

}  // namespace thorax::intake
