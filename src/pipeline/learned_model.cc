#include "pipeline/learned_model.h"

#include "base/error.h"
#include "pipeline/models.h"

namespace thorax::pipeline {

std::uint64_t working_bytes(const LearnedModel& model, std::size_t items) {
  return model.runner ? items * model.runner->describe().item_bytes : 0;
}

engine::RunOptions run_options(const ModelOptions& options) {
  engine::RunOptions run;
  run.engine = options.engine;
  run.device = options.device;
  run.precision = options.precision;
  run.threads = options.threads;
  return run;
}

std::optional<weights::Manifest> network_manifest(const weights::FoundModel& model) {
  try {
    return weights::load_manifest(model.folder);
  } catch (const Error& error) {
    if (error.code() == "bad_model"_code) return {};  // a scorecard, say
    throw;
  }
}

LearnedModel load_network(weights::Manifest manifest, const std::filesystem::path& folder,
                          const engine::RunOptions& run) {
  return {std::move(manifest), engine::load(folder, run)};
}

LearnedModel load_learned_model(const Options& options, const std::string& name,
                                engine::RunOptions run) {
  const std::filesystem::path folder = find_model_folder(options.models, name);
  if (run.threads == 0) run.threads = options.batch.threads;
  return load_network(weights::load_manifest(folder), folder, run);
}

}  // namespace thorax::pipeline
