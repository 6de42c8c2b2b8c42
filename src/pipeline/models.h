// Where the models are.
#pragma once

#include <filesystem>
#include <string>

#include "findings/scorecard.h"
#include "pipeline/options.h"

namespace thorax::pipeline {

/// The models a run uses, loaded once and shared by all its studies.
struct Models {
  findings::Scorecard ct;
};

/// The folder that holds model folders. In this order: options.folder, $THORAX_MODELS, models/ in
/// the folder of the program or in one above it (a build inside the source tree), and
/// ../share/thorax/models beside an installed program. Throws Error(Code::no_models).
std::filesystem::path find_models(const ModelOptions& options);

/// Throws Error: no_models, or what load_scorecard throws.
Models load_models(const ModelOptions& options);

}  // namespace thorax::pipeline
