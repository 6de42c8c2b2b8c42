// What the runs of all recipes have in common.
#pragma once

#include <filesystem>

#include "learn/trainer.h"
#include "pipeline/train.h"
#include "track/tracker.h"

namespace thorax::pipeline {

/// An option whose text is a JSON object; throws Error("bad_option"_code).
nlohmann::json object_option(const std::string& option, const std::string& text);

/// Which weights training begins with: network.start may name files and models' folders. Throws
/// what weights::load_manifest throws.
void set_start(learn::TrainRequest& request, const learn::NetworkOptions& network);

/// Of everything that decides the weights: settings that are not the default ones, the data (their
/// hash) and the weights that training begins with.
std::string fingerprint_of(const learn::Options& training, const std::string& data);

/// metrics.csv: one line an epoch.
std::string csv_of(const std::vector<learn::EpochRow>& rows);

/// What run.json and a model's manifest say of every run.
nlohmann::json run_json(const learn::TrainRequest& request, const std::string& data);

/// Keeps in a run's folder what it is made of: config.yaml, run.json and splits.csv. Throws
/// Error("cannot_write"_code).
void write_run(const std::filesystem::path& folder, const std::string& yaml,
               const nlohmann::json& run, const std::string& splits);

/// Trains and keeps metrics.csv and losses.svg, what follows the run (tracking.…) and the caller
/// informed after each epoch; of processes that learn together only the first. However training
/// ends, the trackers hear of it. What they cannot do is a warning in the log.
learn::TrainResult train_and_track(const learn::Options& training,
                                   const learn::TrainRequest& request,
                                   const learn::Batches& batches, const nlohmann::json& run,
                                   const EpochDone& epoch_done, const Progress& progress);

}  // namespace thorax::pipeline
