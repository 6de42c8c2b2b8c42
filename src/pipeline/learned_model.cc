#include "pipeline/learned_model.h"

#include "pipeline/models.h"

namespace thorax::pipeline {

LearnedModel load_learned_model(const Options& options, const std::string& name,
                                engine::RunOptions run) {
  const std::filesystem::path folder = find_model_folder(options.models, name);
  if (run.threads == 0) run.threads = options.batch.threads;
  return {weights::load_manifest(folder), engine::load(folder, run)};
}

}  // namespace thorax::pipeline
