#include "pipeline/train_head.h"

#include "base/error.h"
#include "pipeline/model_folder.h"
#include "pipeline/trained_head.h"
#include "pipeline/training_embeddings.h"
#include "pipeline/training_run.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;
using learn::Split;
using nlohmann::json;

[[noreturn]] void refuse(const std::string& option, const std::string& value,
                         const std::string& hint) {
  throw Error("bad_option"_code, {{"option", option}, {"value", value}, {"hint", hint}});
}

json network_config(const learn::Options& training, const HeadData& data) {
  if (training.network.id != "mlp_head") refuse("network.id", training.network.id, "mlp_head");
  json config = object_option("network.config", training.network.config);
  // In a report a head is given the embedding as its network made it.
  if (data.normalised && config.value("normalise", true) == false)
    refuse("network.config", "normalise: false", "thorax embed --raw");
  config["inputs"] = data.set.width;
  config["classes"] = data.set.classes.size();
  return config;
}

}  // namespace

TrainingRun train_head(const learn::Options& training, const std::string& yaml,
                       const EpochDone& epoch_done, const Progress& progress) {
  const json own_words = object_option("run.manifest", training.run.manifest);
  const HeadData data = read_head_data(training.data);
  const learn::EmbeddingSet& set = data.set;
  check_case_options(training, set.exclusive);
  const std::vector<Split> splits = learn::split_by_patient(
      set.patients, set.labels(), training.data.validation, training.data.test, training.data.seed);
  const std::string hash = learn::hash_of(set);
  learn::TrainRequest request;
  request.network = training.network.id;
  request.config = network_config(training, data);
  request.classes = set.classes;
  request.training = training.training;
  request.positive_weight = positive_weight(training.training.positive_weight, set, splits);
  set_start(request, training.network);
  request.keep_last = training.run.keep_last;
  request.folder = training.run.folder;
  request.fingerprint = fingerprint_of(training, hash);
  const learn::EmbeddingBatches batches(set, splits, training);

  const fs::path& folder = request.folder;
  fs::create_directories(folder);
  json run = run_json(request, hash);
  run["studies"] = counts_of(set, splits);
  run["embeddings"] = {{"model", data.model},
                       {"model_sha256", data.model_sha256},
                       {"unlabelled", data.unlabelled},
                       {"rows_without_embedding", data.without_embedding}};
  const auto write_settings = [&] { write_run(folder, yaml, run, csv_of(set, splits)); };
  if (!fs::exists(folder / "last.safetensors")) write_settings();
  const learn::TrainResult result =
      train_and_track(training, request, batches, run, epoch_done, progress);
  if (training.training.process > 0) return {result.rows, result.kept_epoch, {}};
  write_settings();
  TrainingRun done{result.rows, result.kept_epoch, folder / training.run.name};
  write_model_folder(done.model, {"embedding-head", {{"embedding", data.model}}, {}}, training,
                     request, result, run, own_words);
  evaluate_cases(folder, done.model, training, set, splits,
                 head_answers(done.model, set, training.training.threads));
  return done;
}

}  // namespace thorax::pipeline
