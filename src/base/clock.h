// How long things take.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace thorax {

class Stopwatch {
 public:
  /// Since construction.
  double seconds() const;

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Splits one study's time into named stages that follow each other.
class StageClock {
 public:
  /// Ends the running stage, if any, and begins another. A name given twice adds up.
  void start(std::string stage);
  void stop();
  /// Finished stages and their seconds, in order of first start.
  const std::vector<std::pair<std::string, double>>& stages() const { return stages_; }
  /// Since construction.
  double seconds() const { return total_.seconds(); }

 private:
  std::vector<std::pair<std::string, double>> stages_;
  std::string running_;
  Stopwatch stage_;
  Stopwatch total_;
};

}  // namespace thorax
