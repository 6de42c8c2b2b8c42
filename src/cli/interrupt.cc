#include "cli/interrupt.h"

#include <csignal>

namespace thorax::cli {
namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "the handler may touch nothing else");

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};

void install(void (*handler)(int), unsigned flags) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = static_cast<int>(flags);
  for (const int signal : kSignals) sigaction(signal, &action, nullptr);
}

void on_signal(int) {
  interrupted = true;
}

}  // namespace

Interrupt::Interrupt() {
  interrupted = false;
  // SA_RESETHAND: the second signal of a kind does what it does by default.
  install(on_signal, static_cast<unsigned>(SA_RESETHAND) | SA_RESTART);
}

Interrupt::~Interrupt() {
  install(SIG_DFL, 0);
}

const std::atomic<bool>& Interrupt::flag() const {
  return interrupted;
}

}  // namespace thorax::cli
