#include "pipeline/train_head.h"

#include <algorithm>
#include <cstdlib>

#include "base/error.h"
#include "base/files.h"
#include "evaluate/threshold.h"
#include "learn/table.h"
#include "pipeline/trained_head.h"
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

std::vector<double> positive_weight(const std::string& text, const learn::EmbeddingSet& set,
                                    const std::vector<Split>& splits) {
  if (text.empty()) return {};
  if (text == "balanced") return learn::balanced_weights(set, splits);
  std::vector<double> weights;
  const char* at = text.c_str();
  while (*at != '\0') {
    char* end = nullptr;
    weights.push_back(std::strtod(at, &end));
    if (end == at || !(weights.back() > 0) || (*end != '\0' && *end != ',')) break;
    at = *end == ',' ? end + 1 : end;
  }
  if (*at != '\0' || weights.size() != set.classes.size())
    refuse("training.positive_weight", text,
           "balanced | " + std::to_string(set.classes.size()) + " × 0.01 …");
  return weights;
}

json network_config(const learn::Options& training, const learn::EmbeddingSet& set) {
  if (training.network.id != "mlp_head") refuse("network.id", training.network.id, "mlp_head");
  json config = object_option("network.config", training.network.config);
  config["inputs"] = set.width;
  config["classes"] = set.classes.size();
  return config;
}

std::string csv_of(const learn::EmbeddingSet& set, const std::vector<Split>& splits) {
  std::string text = "study_id,patient_id,split";
  for (const std::string& name : set.classes) text += ',' + learn::table_field(name);
  text += '\n';
  for (std::size_t i = 0; i < set.count(); ++i) {
    text += learn::table_field(set.ids[i]) + ',' + learn::table_field(set.patients[i]) + ',' +
            learn::to_string(splits[i]);
    for (std::size_t k = 0; k < set.classes.size(); ++k) text += set.holds(i, k) ? ",1" : ",0";
    text += '\n';
  }
  return text;
}

json counts_of(const learn::EmbeddingSet& set, const std::vector<Split>& splits) {
  json counts;
  for (const Split split : {Split::train, Split::validation, Split::test}) {
    json& count = counts[learn::to_string(split)];
    count["studies"] = std::ranges::count(splits, split);
    for (std::size_t k = 0; k < set.classes.size(); ++k) {
      int holds = 0;
      for (std::size_t i = 0; i < set.count(); ++i)
        holds += splits[i] == split && set.holds(i, k) ? 1 : 0;
      count["positive"][set.classes[k]] = holds;
    }
  }
  return counts;
}

/// Options that would only fail after the work.
void check(const learn::Options& training, const learn::EmbeddingSet& set) {
  if ((training.training.loss == "bce") == set.exclusive)
    refuse("training.loss", training.training.loss,
           set.exclusive ? "cross_entropy | focal" : "bce");
  try {
    evaluate::parse_goal(training.run.goal);
  } catch (const std::invalid_argument&) {
    refuse("run.goal", training.run.goal, "youden | f1 | sensitivity>=0.95 | specificity>=0.95");
  }
}

}  // namespace

TrainingRun train_head(const learn::Options& training, const std::string& yaml,
                       const EpochDone& epoch_done, const Progress& progress) {
  const json own_words = object_option("run.manifest", training.run.manifest);
  const HeadData data = read_head_data(training.data);
  const learn::EmbeddingSet& set = data.set;
  check(training, set);
  const std::vector<Split> splits =
      learn::split_by_patient(set.patients, set.labels(), training.data.validation,
                              training.data.test, training.training.seed);
  const std::string hash = learn::hash_of(set);
  learn::TrainRequest request;
  request.network = training.network.id;
  request.config = network_config(training, set);
  request.classes = set.classes;
  request.training = training.training;
  request.positive_weight = positive_weight(training.training.positive_weight, set, splits);
  request.start = training.network.start;
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
  const auto write_settings = [&] {
    write_file(folder / "config.yaml", yaml);
    write_file(folder / "run.json", run.dump(2) + '\n');
    write_file(folder / "splits.csv", csv_of(set, splits));
  };
  if (!fs::exists(folder / "last.safetensors")) write_settings();
  const learn::TrainResult result =
      train_and_track(training, request, batches, run, epoch_done, progress);
  write_settings();
  TrainingRun done{result.rows, result.kept_epoch, folder / training.run.name};
  write_trained_head(done.model, training, request, result, data, run, own_words);
  evaluate_head(folder, done.model, training, data, splits);
  return done;
}

}  // namespace thorax::pipeline
