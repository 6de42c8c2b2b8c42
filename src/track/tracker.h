// Keeps a run's numbers where people look at them. Never the reason that a run fails: what cannot
// be written or sent is reported once, and that place is left out from then on.
#pragma once

#include <functional>

#include "base/notice.h"
#include "track/run.h"

namespace thorax::track {

struct Places {
  bool tensorboard = false;  ///< FOLDER/tensorboard of the run
  std::string store;         ///< folder of MLflow's file store; empty: none
  std::string address;       ///< of a tracking server; empty: none
};

class Tracker {
 public:
  /// `warn` hears of every place that fails, once. The start and the server's id of the run are
  /// kept in FOLDER/tracking.json, so that a run that goes on stays the same one.
  Tracker(RunRecord run, const Places& places, std::function<void(const Notice&)> warn);

  /// The metrics so far, with `milliseconds` since the run's start. Only what is new is sent.
  void log(const std::vector<Metric>& metrics);
  /// The run is over; `files` become its artifacts in the file store.
  void end(Status status, const std::vector<std::filesystem::path>& files);

 private:
  void at(bool& open, const std::function<void()>& work);
  void send_new();
  void keep_state() const;

  RunRecord run_;
  Places places_;
  std::function<void(const Notice&)> warn_;
  bool tensorboard_ = false, store_ = false, server_ = false;  ///< places that still work
  std::string server_run_;
  std::int64_t sent_ = 0;  ///< steps that the server has
};

}  // namespace thorax::track
