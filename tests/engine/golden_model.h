// A golden as a model folder that the engine loads.
#pragma once

#include <filesystem>
#include <memory>

#include "engine/runner.h"
#include "support/golden.h"
#include "support/temporary_folder.h"
#include "weights/safetensors.h"

namespace thorax::engine {

/// A model folder with weights that the rule of the goldens makes.
inline std::unique_ptr<Runner> golden_model(const std::vector<golden::Entry>& entries,
                                            const std::filesystem::path& folder,
                                            const std::string& network,
                                            const nlohmann::json& config) {
  weights::StateDict state;
  for (const golden::Entry& entry : entries) {
    if (entry.type != "float32") continue;
    const golden::FillRule rule = golden::fill_rule(entry.key, entry.shape);
    std::size_t count = 1;
    for (const std::int64_t side : entry.shape) count *= static_cast<std::size_t>(side);
    std::vector<float> values(count, 1);  // what the constructor gives to a kept entry
    if (!rule.keep) golden::fill(values, entry.key, rule);
    state.emplace(entry.key, weights::make_tensor(entry.shape, values));
  }
  weights::write_safetensors(folder / "weights.safetensors", state);
  weights::Manifest manifest;
  manifest.name = "golden";
  manifest.version = "1.0.0";
  manifest.task = "test";
  manifest.licence = "CC0-1.0";
  manifest.network = network;
  manifest.config = config;
  manifest.weights = "weights.safetensors";
  manifest.files.push_back(weights::describe_file(folder / "weights.safetensors"));
  weights::write_manifest(folder, manifest);
  return load(folder, {});
}

}  // namespace thorax::engine
