#include "serve/throttle.h"

#include <algorithm>

namespace thorax::serve {
namespace {

constexpr std::size_t kMaxNames = 10'000;

}  // namespace

Throttle::Throttle(int allowed, std::int64_t window_ms, store::Clock now)
    : allowed_(static_cast<std::size_t>(allowed)), window_ms_(window_ms), now_(std::move(now)) {}

void Throttle::drop_old(std::deque<std::int64_t>& times, std::int64_t now) const {
  while (!times.empty() && times.front() <= now - window_ms_) times.pop_front();
}

std::int64_t Throttle::wait_ms(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto found = failures_.find(name);
  if (found == failures_.end()) return 0;
  const std::int64_t now = now_();
  drop_old(found->second, now);
  if (found->second.size() < allowed_) return 0;
  return found->second[found->second.size() - allowed_] + window_ms_ - now;
}

void Throttle::failed(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const std::int64_t now = now_();
  if (failures_.size() >= kMaxNames && !failures_.contains(name)) {
    for (auto one = failures_.begin(); one != failures_.end();) {
      drop_old(one->second, now);
      one = one->second.empty() ? failures_.erase(one) : std::next(one);
    }
    // Whoever makes up that many names pushes out the one that failed longest ago.
    if (failures_.size() >= kMaxNames)
      failures_.erase(std::min_element(
          failures_.begin(), failures_.end(),
          [](const auto& a, const auto& b) { return a.second.back() < b.second.back(); }));
  }
  std::deque<std::int64_t>& times = failures_[name];
  times.push_back(now);
  if (times.size() > allowed_) times.pop_front();
}

void Throttle::forget(const std::string& name) {
  const std::lock_guard lock(mutex_);
  failures_.erase(name);
}

}  // namespace thorax::serve
