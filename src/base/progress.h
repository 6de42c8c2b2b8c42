// Progress and cancellation of one study's work, handed down the pipeline.
#pragma once

#include <atomic>
#include <string_view>

namespace thorax {

/// Receives what is being done. Stage names are short English identifiers ("read", "lungs",
/// "report"); fraction is of the whole study, in [0, 1]. Must be thread-safe.
class ProgressSink {
 public:
  virtual ~ProgressSink() = default;
  virtual void report(std::string_view stage, double fraction) = 0;
};

/// What a stage holds: it reports and asks whether to go on.
class Progress {
 public:
  Progress() = default;  ///< silent, never cancelled
  Progress(ProgressSink* sink, const std::atomic<bool>* cancelled)
      : sink_(sink), cancelled_(cancelled) {}

  /// Reports; throws Error("cancelled"_code) when the user asked to stop.
  void report(std::string_view stage, double fraction) const;
  /// A progress whose 0..1 is from..to of this one.
  Progress part(double from, double to) const;

 private:
  ProgressSink* sink_ = nullptr;
  const std::atomic<bool>* cancelled_ = nullptr;
  double from_ = 0;
  double to_ = 1;
};

}  // namespace thorax
