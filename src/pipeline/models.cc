#include "pipeline/models.h"

namespace thorax::pipeline {

std::filesystem::path find_model_folder(const ModelOptions& options, const std::string& name) {
  return weights::find_model(weights::model_places(options.folder), name).folder;
}

Models load_models(const ModelOptions& options) {
  findings::Scorecard ct = findings::load_scorecard(find_model_folder(options, options.ct));
  CtNetworks networks = CtNetworks::load(options, ct);
  return {std::move(ct), std::move(networks)};
}

}  // namespace thorax::pipeline
