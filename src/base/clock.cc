#include "base/clock.h"

#include <algorithm>

namespace thorax {

double Stopwatch::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

void StageClock::start(std::string stage) {
  stop();
  running_ = std::move(stage);
  stage_ = Stopwatch();
}

void StageClock::stop() {
  if (running_.empty()) return;
  const double seconds = stage_.seconds();
  const auto known = std::find_if(stages_.begin(), stages_.end(),
                                  [&](const auto& stage) { return stage.first == running_; });
  if (known == stages_.end())
    stages_.emplace_back(running_, seconds);
  else
    known->second += seconds;
  running_.clear();
}

}  // namespace thorax
