// The parent's side of the decoding child: a second process of this program that parses untrusted
// bytes within limits.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
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

  using Time = std::chrono::steady_clock::time_point;

  /// Sends a request, with shared memory when `shared` is not negative. The last reply has to come
  /// before `until`.
  void ask(const nlohmann::json& request, Time until, int shared = -1);
  /// For this request, a child whose `beats` stay the same for so long counts as too slow.
  void watch(std::function<std::uint32_t()> beats, int seconds);
  /// The next reply that is no progress report. A reply with an error is thrown as that Error; a
  /// child that dies, is too slow or talks nonsense is ended and becomes Error(decoder_...).
  nlohmann::json reply(const Progress& progress, std::string_view stage);

  pid_t pid() const { return pid_; }
  /// Whether the process has ended or was ended.
  bool died() const { return pid_ < 0; }

 private:
  [[noreturn]] void report_death();
  void check_time();
  [[noreturn]] void too_slow(std::chrono::seconds limit);
  int end(bool at_once);

  Limits limits_;
  std::string source_;
  pid_t pid_ = -1;
  std::unique_ptr<Channel> channel_;
  bool busy_ = false;
  Time asked_, until_;
  std::function<std::uint32_t()> beats_;
  std::uint32_t last_beat_ = 0;
  std::chrono::seconds patience_{};  ///< between two beats
  Time beat_at_;
};

}  // namespace thorax::intake
