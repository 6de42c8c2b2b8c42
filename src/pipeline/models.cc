#include "pipeline/models.h"

namespace thorax::pipeline {

std::filesystem::path find_model_folder(const ModelOptions& options, const std::string& name) {
  return weights::find_model(weights::model_places(options.folder), name).folder;
}

Models load_models(const ModelOptions& options) {
  return {findings::load_scorecard(find_model_folder(options, options.ct))};
}

}  // namespace thorax::pipeline
