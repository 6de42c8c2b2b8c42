// The networks among the model folders, and which of them a stage uses.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/learned_model.h"

namespace thorax::pipeline {

struct InstalledNetwork {
  weights::Manifest manifest;
  std::filesystem::path folder;
};

/// Every network that is found, by name; models of other kinds are left out. Throws
/// Error("no_such_input"_code) for a given folder that is none.
std::vector<InstalledNetwork> installed_networks(const ModelOptions& options);

/// The network a setting means: "auto" the first of that task, "none" nothing, else the one named.
/// Throws Error: no_models when the named one is absent; bad_model when it has another task.
std::optional<InstalledNetwork> choose_network(const ModelOptions& options,
                                               const std::string& setting, const std::string& task);

/// Loads it as the options want networks to run. Throws what engine::load throws.
LearnedModel load_network(InstalledNetwork network, const ModelOptions& options);

}  // namespace thorax::pipeline
