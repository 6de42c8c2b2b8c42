#include "serve/keeper.h"

#include <chrono>

#include "base/error.h"
#include "base/log.h"
#include "serve/views.h"

namespace thorax::serve {
namespace {

using namespace std::chrono_literals;

constexpr auto kEvery = 5min;
constexpr std::int64_t kDayMs = 86'400'000;

}  // namespace

Keeper::Keeper(store::Store& store, EventHub& events, Trace& trace, const Options& options,
               store::Clock now)
    : store_(store),
      events_(events),
      trace_(trace),
      retention_{options.keep_days * kDayMs, options.keep_studies, options.keep_bytes},
      now_(std::move(now)) {
  if (!retention_.keeps_all()) thread_ = std::thread([this] { work(); });
}

Keeper::~Keeper() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  woken_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Keeper::work() {
  for (;;) {
    try {
      tidy();
    } catch (const std::exception& error) {
      log::error(std::string("retention: ") + error.what());
    }
    std::unique_lock lock(mutex_);
    if (woken_.wait_for(lock, kEvery, [this] { return stopping_; })) return;
  }
}

void Keeper::tidy() {
  Identity who;
  who.name = "retention";
  for (const std::string& id : store_.outlived(retention_, now_())) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
    }
    store_.remove_study(id);
    trace_.record(who, "delete", id);
    events_.publish("removed", dump({{"id", id}}));
  }
}

}  // namespace thorax::serve
