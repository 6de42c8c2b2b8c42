#include "serve/metrics.h"

#include <array>
#include <sstream>

namespace thorax::serve {
namespace {

struct Known {
  const char* name;  ///< without a label; NAME{…} belongs to NAME
  const char* type;
  const char* help;
};

// docs/openapi.json points here; a metric that is not listed is not shown.
constexpr std::array kKnown = {
    Known{"thorax_http_requests_total", "counter", "Answers by method and status."},
    Known{"thorax_uploads_bytes_total", "counter", "Bytes of files taken in."},
    Known{"thorax_jobs_ended_total", "counter", "Jobs by how they ended."},
    Known{"thorax_errors_total", "counter", "Failed jobs by the catalogue's code."},
    Known{"thorax_job_seconds", "summary", "Time of a job from its start to its end."},
    Known{"thorax_job_wait_seconds", "summary", "Time of a job in the queue."},
    Known{"thorax_stage_seconds", "summary", "Time of one study's stage."},
    Known{"thorax_jobs", "gauge", "Jobs by state."},
    Known{"thorax_workers", "gauge", "Studies that can be read at a time."},
    Known{"thorax_streams", "gauge", "Open streams of events."},
    Known{"thorax_memory_bytes", "gauge", "Resident memory of the service."},
    Known{"thorax_disk_free_bytes", "gauge", "Bytes that uploads may still take."},
    Known{"thorax_inference_seconds", "summary", "Time of one run of a lent model."},
    Known{"thorax_uptime_seconds", "gauge", "Since the service started."},
};

void write(std::ostringstream& out, const std::string& name, const std::string& labels,
           double value) {
  out << name << labels << ' ' << value << '\n';
}

}  // namespace

std::string label_text(const MetricLabels& labels) {
  if (labels.empty()) return {};
  std::string out = "{";
  for (const auto& [name, value] : labels) {
    out += (out.size() > 1 ? "," : "") + name + "=\"";
    for (const char c : value) {
      if (c == '\n') {
        out += "\\n";
        continue;
      }
      if (c == '\\' || c == '"') out += '\\';
      out += c;
    }
    out += '"';
  }
  return out + '}';
}

void Metrics::count(const std::string& name, const MetricLabels& labels, double by) {
  const std::lock_guard lock(mutex_);
  series_[name][label_text(labels)] += by;
}

void Metrics::observe(const std::string& name, double value, const MetricLabels& labels) {
  count(name + "_sum", labels, value);
  count(name + "_count", labels);
}

std::string Metrics::text(const std::vector<std::pair<std::string, double>>& gauges) const {
  const std::lock_guard lock(mutex_);
  std::ostringstream out;
  out.precision(12);
  for (const Known& known : kKnown) {
    const std::string name = known.name;
    out << "# HELP " << name << ' ' << known.help << "\n# TYPE " << name << ' ' << known.type
        << '\n';
    for (const char* ending : {"", "_sum", "_count"})
      if (const auto found = series_.find(name + ending); found != series_.end())
        for (const auto& [labels, value] : found->second) write(out, found->first, labels, value);
    for (const auto& [series, value] : gauges)
      if (series.substr(0, series.find('{')) == name) write(out, series, {}, value);
  }
  return out.str();
}

}  // namespace thorax::serve
