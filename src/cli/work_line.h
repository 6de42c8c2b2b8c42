// The progress line for one piece of work that is no batch of studies.
#pragma once

#include <string>

#include "base/progress.h"
#include "cli/progress_line.h"

namespace thorax::cli {

class WorkLine : public ProgressSink {
 public:
  /// `what` stands before the stage.
  WorkLine(Language language, std::string what) : line_(language, 1), what_(std::move(what)) {}

  void report(std::string_view stage, double fraction) override {
    line_.progressed(fraction, what_, stage);
  }
  void clear() { line_.clear(); }

 private:
  ProgressLine line_;
  std::string what_;
};

}  // namespace thorax::cli
