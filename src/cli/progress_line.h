// One line on the terminal that says how far the work is.
#pragma once

#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/text.h"
#include "cli/terminal.h"
#include "pipeline/batch.h"

namespace thorax::cli {

/// Shows share done, stage and time left on standard error once the work has taken a second;
/// nothing when standard error is no terminal.
class ProgressLine : public pipeline::BatchListener {
 public:
  ProgressLine(Language language, std::size_t inputs);
  ~ProgressLine() override { clear(); }

  void progressed(double done, const std::string& study, std::string_view stage) override;
  void finished(const pipeline::Outcome& outcome) override;
  void clear();

 private:
  const Terminal terminal_{stderr};
  const Language language_;
  const std::size_t inputs_;
  std::size_t finished_ = 0;
  std::mutex mutex_;
  Stopwatch started_;
  double drawn_at_ = 0;
  bool drawn_ = false;
};

/// "▓▓▓░░░ 52 %  0:07 left  study.zip: lungs", at most `columns` wide. `seconds`: spent so far.
std::string progress_text(double done, double seconds, const std::string& study,
                          std::string_view stage, Language language, int columns);

}  // namespace thorax::cli
