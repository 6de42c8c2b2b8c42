#include "pipeline/model_folder.h"

#include "base/files.h"
#include "engine/self_test.h"
#include "weights/int8.h"
#include "weights/safetensors.h"

namespace thorax::pipeline {

namespace fs = std::filesystem;

void write_model_folder(const fs::path& folder, const NewModel& model,
                        const learn::Options& training, const learn::TrainRequest& request,
                        const learn::TrainResult& result, const nlohmann::json& run,
                        const nlohmann::json& own_words) {
  NewFolder made(folder);
  weights::Manifest manifest;
  manifest.name = training.run.name;
  manifest.version = training.run.version;
  manifest.task = model.task;
  manifest.licence = training.run.licence;
  manifest.network = request.network;
  manifest.config = request.config;
  manifest.weights = "weights.safetensors";
  manifest.labels = request.classes;
  manifest.json = own_words;
  manifest.json.update(model.use);
  manifest.json["precision"] = "fp32";
  manifest.json["trained"] = run;
  manifest.json["trained"]["epochs"] = result.rows.size();
  manifest.json["trained"]["kept_epoch"] = result.kept_epoch;
  weights::write_safetensors(
      made.path() / manifest.weights,
      training.run.weights == "int8" ? weights::in_eight_bits(result.kept) : result.kept);
  manifest.files.push_back(weights::describe_file(made.path() / manifest.weights));
  for (const fs::path& companion : model.companions) {
    fs::copy_file(companion, made.path() / companion.filename());
    manifest.files.push_back(weights::describe_file(made.path() / companion.filename()));
  }
  weights::write_manifest(made.path(), manifest);
  const std::unique_ptr<engine::Runner> runner = engine::load(made.path(), {});
  manifest.json["parameters"] = runner->describe().parameters;
  manifest.json["self_test"] = engine::run_self_test(*runner, manifest.name);
  weights::write_manifest(made.path(), manifest);
  made.commit();
}

}  // namespace thorax::pipeline
