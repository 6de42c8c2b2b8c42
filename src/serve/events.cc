#include "serve/events.h"

#include <charconv>

#include "store/ids.h"

namespace thorax::serve {

EventHub::EventHub(std::size_t kept) : run_(store::new_id()), kept_(kept) {}

std::string EventHub::id_of(std::uint64_t number) const {
  return run_ + '-' + std::to_string(number);
}

void EventHub::publish(const std::string& type, const std::string& data) {
  {
    const std::lock_guard lock(mutex_);
    events_.push_back({id_of(next_), type, data});
    ++next_;
    if (events_.size() > kept_) events_.pop_front();
  }
  changed_.notify_all();
}

EventHub::Listener EventHub::listen(const std::string& last_id) {
  const std::lock_guard lock(mutex_);
  if (last_id.empty()) return {*this, next_, false};
  std::uint64_t last = 0;
  if (last_id.starts_with(run_ + '-'))
    std::from_chars(last_id.data() + run_.size() + 1, last_id.data() + last_id.size(), last);
  const std::uint64_t first_kept = next_ - events_.size();
  if (last == 0 || last + 1 < first_kept || last >= next_) return {*this, next_, true};
  return {*this, last + 1, false};
}

std::vector<Event> EventHub::Listener::next(std::chrono::milliseconds patience) {
  std::unique_lock lock(hub_->mutex_);
  if (reset_) {
    reset_ = false;
    return {{hub_->id_of(hub_->next_ - 1), "reset", "{}"}};
  }
  hub_->changed_.wait_for(lock, patience, [&] { return hub_->closed_ || next_ < hub_->next_; });
  const std::uint64_t first_kept = hub_->next_ - hub_->events_.size();
  std::vector<Event> news;
  if (next_ < first_kept) {
    news.push_back({hub_->id_of(first_kept - 1), "reset", "{}"});
    next_ = first_kept;
  }
  for (; next_ < hub_->next_; ++next_)
    news.push_back(hub_->events_[static_cast<std::size_t>(next_ - first_kept)]);
  return news;
}

std::string EventHub::Listener::place() const {
  return hub_->id_of(next_ - 1);
}

void EventHub::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

bool EventHub::closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

}  // namespace thorax::serve
