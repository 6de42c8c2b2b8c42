// The folder of a model that was trained.
#pragma once

#include "learn/trainer.h"

namespace thorax::pipeline {

/// What a manifest says of the model besides what every run says.
struct NewModel {
  std::string task;
  /// Entries of the manifest: how the model is fed, what it needs.
  nlohmann::json use = nlohmann::json::object();
  std::vector<std::filesystem::path> companions;  ///< files that are copied in, e.g. vocab.txt
};

/// Weights, model.json with labels, training data (`run`) and self-test; `own_words` are in it
/// besides. An older folder there is replaced. Throws Error: cannot_write, self_test_failed.
void write_model_folder(const std::filesystem::path& folder, const NewModel& model,
                        const learn::Options& training, const learn::TrainRequest& request,
                        const learn::TrainResult& result, const nlohmann::json& run,
                        const nlohmann::json& own_words);

}  // namespace thorax::pipeline
