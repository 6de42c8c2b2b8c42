// Numbers about the service in Prometheus' text format (version 0.0.4).
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace thorax::serve {

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

/// Counters and summaries of what happened since the start. Thread-safe.
class Metrics {
 public:
  void count(const std::string& name, const MetricLabels& labels = {}, double by = 1);
  /// Adds to NAME_sum and NAME_count.
  void observe(const std::string& name, double value, const MetricLabels& labels = {});

  /// Every series, with HELP and TYPE lines. `gauges` are numbers of this moment.
  std::string text(const std::vector<std::pair<std::string, double>>& gauges) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::map<std::string, double>> series_;  ///< name → labels → value
};

/// A label's value as the format wants it: backslash, quote and line feed escaped.
std::string label_text(const MetricLabels& labels);

}  // namespace thorax::serve
