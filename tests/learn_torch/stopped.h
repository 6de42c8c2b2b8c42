// Runs that are stopped and go on.
#pragma once

#include <atomic>
#include <stdexcept>

#include "base/error.h"
#include "base/progress.h"
#include "learn/trainer.h"

namespace thorax::learn::testing_support {

/// Asks to stop after so many steps.
class StopAfter final : public ProgressSink {
 public:
  explicit StopAfter(int steps) : left_(steps) {}
  void report(std::string_view, double) override {
    if (--left_ == 0) stop_ = true;
  }
  Progress progress() { return {this, &stop_}; }

 private:
  int left_;
  std::atomic<bool> stop_ = false;
};

/// Trains with stops after so many steps each time.
template <class Recipe>
TrainResult train_in_pieces(Recipe& recipe, int steps) {
  for (int stops = 0; stops < 500; ++stops) {
    StopAfter stop(steps);
    try {
      return recipe.train(stop.progress());
    } catch (const Error& error) {
      if (error.code() != "cancelled"_code) throw;
    }
  }
  throw std::runtime_error("the run does not get on");
}

}  // namespace thorax::learn::testing_support
