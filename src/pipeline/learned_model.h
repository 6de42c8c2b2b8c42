// A learned model as the stages and the commands use it.
#pragma once

#include <memory>
#include <optional>

#include "engine/runner.h"
#include "pipeline/options.h"
#include "weights/store.h"

namespace thorax::pipeline {

/// A network with its manifest, ready to run.
struct LearnedModel {
  weights::Manifest manifest;
  std::unique_ptr<engine::Runner> runner;
};

/// Memory that a run over so many items takes, as its manifest says; 0 for no model.
std::uint64_t working_bytes(const LearnedModel& model, std::size_t items);

/// How `options` want networks to be run.
engine::RunOptions run_options(const ModelOptions& options);

/// The manifest of a found model when it is a network; nothing for other kinds of model. Throws
/// what load_manifest throws, but for "bad_model"_code.
std::optional<weights::Manifest> network_manifest(const weights::FoundModel& model);

/// Loads the network of a found model. Throws what engine::load throws.
LearnedModel load_network(weights::Manifest manifest, const std::filesystem::path& folder,
                          const engine::RunOptions& run);

/// Finds and loads a model by its name. `threads` 0 in `run` becomes options.batch.threads. Throws
/// Error: no_models, or what engine::load throws.
LearnedModel load_learned_model(const Options& options, const std::string& name,
                                engine::RunOptions run);

}  // namespace thorax::pipeline
