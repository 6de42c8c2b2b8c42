// A run on a tracking server, by MLflow's REST API 2.0.
#pragma once

#include <nlohmann/json.hpp>

#include "track/run.h"

namespace thorax::track {

class MlflowServer {
 public:
  /// "http://host:port", with or without a path before /api. Nothing is sent yet.
  explicit MlflowServer(std::string address);

  /// Finds or makes the experiment and begins a run; returns its id. Settings are its parameters.
  std::string begin(const RunRecord& run);
  /// Adds metrics to a run, in batches of the largest size that the API takes.
  void log(const std::string& run, const std::vector<Metric>& metrics);
  void end(const std::string& run, Status status, std::int64_t now);

  // All throw Error("cannot_write"_code) with the address and what it answered, or that it did not
  // within five seconds.

 private:
  nlohmann::json call(const std::string& what, const nlohmann::json& body);
  std::string experiment(const std::string& name);

  std::string address_, origin_, prefix_;
};

}  // namespace thorax::track
