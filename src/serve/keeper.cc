#include "serve/keeper.h"

#include <chrono>

#include "base/error.h"
#include "base/log.h"
#include "serve/views.h"

namespace thorax::serve {
namespace {

using namespace std::chrono_literals;

constexpr auto kEvery = 5min;
constexpr std::int64_t kHourMs = 3'600'000, kDayMs = 24 * kHourMs;

}  // namespace

Keeper::Keeper(store::Store& store, store::PartFolder& parts, EventHub& events, Trace& trace,
               const Options& options, store::Clock now)
    : store_(store),
      parts_(parts),
      events_(events),
      trace_(trace),
      retention_{options.keep_days * kDayMs, options.keep_studies, options.keep_bytes},
      part_ms_(options.upload_hours * kHourMs),
      now_(std::move(now)) {
  thread_ = std::thread([this] { work(); });
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
  parts_.sweep(now_() - part_ms_);
  if (retention_.keeps_all()) return;
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
