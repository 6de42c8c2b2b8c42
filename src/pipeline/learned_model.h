// A learned model as a command uses it.
#pragma once

#include <memory>

#include "engine/runner.h"
#include "pipeline/model_input.h"
#include "pipeline/options.h"

namespace thorax::pipeline {

struct LearnedModel {
  weights::Manifest manifest;
  std::unique_ptr<engine::Runner> runner;
};

/// Finds and loads a model. `threads` 0 in `run` becomes options.batch.threads. Throws Error:
/// no_models, or what engine::load throws.
LearnedModel load_learned_model(const Options& options, const std::string& name,
                                engine::RunOptions run);

}  // namespace thorax::pipeline
