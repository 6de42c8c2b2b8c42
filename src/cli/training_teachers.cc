#include "cli/training_teachers.h"

#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/training_config.h"
#include "learn/listed.h"

namespace thorax::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kDeepest = 4;

bool is_configuration(const std::string& model) {
  const fs::path extension = fs::path(model).extension();
  return extension == ".yaml" || extension == ".yml";
}

[[noreturn]] void refuse(const char* option, const std::string& model, const std::string& hint) {
  throw Error("bad_option"_code, {{"option", option}, {"value", model}, {"hint", hint}});
}

fs::path cache_of(const learn::Options& pupil) {
  return pupil.data.cache.empty() ? fs::path(pupil.run.folder) / "pictures.safetensors"
                                  : fs::path(pupil.data.cache);
}

/// The model's own options, on the pupil's data: what the pupil is tested on it may not see.
std::pair<learn::Options, std::string> options_of(const fs::path& file,
                                                  const learn::Options& pupil) {
  const fs::path folder = fs::path(pupil.run.folder) / "teachers" / file.stem();
  const auto [own, own_yaml] = read_training_config({file.string(), {}});
  const learn::DataOptions& data = pupil.data;
  return read_training_config(
      {file.string(), {}},
      {{"run.folder", folder.string()},
       {"run.evaluation", "false"},
       {"data.source", data.source},
       {"data.manifest", data.manifest},
       {"data.patient", data.patient},
       {"data.unlabelled", data.unlabelled},
       {"data.table", data.table},
       {"data.embeddings", data.embeddings},
       {"data.validation", nlohmann::json(data.validation).dump()},
       {"data.test", nlohmann::json(data.test).dump()},
       {"data.seed", std::to_string(data.seed)},
       // Decoded once for all that read the same size.
       {"data.cache", own.data.size == data.size ? cache_of(pupil).string() : ""}});
}

void train_first(const fs::path& file, learn::Options& training, const TrainOne& train_one,
                 int depth) {
  std::map<std::string, std::string> folders;  // of what is trained already
  const auto folder_of = [&](const std::string& model, const char* option) {
    if (!is_configuration(model)) return model;
    if (const auto known = folders.find(model); known != folders.end()) return known->second;
    if (depth == kDeepest) refuse(option, model, "it comes before itself");
    if (training.training.processes > 1)
      refuse(option, model, "with training.processes: folders of models that are trained");
    const fs::path beside = file.parent_path() / model;
    const fs::path found = fs::exists(beside) ? beside : fs::path(model);
    auto [options, yaml] = options_of(found, training);
    train_first(found, options, train_one, depth + 1);
    return folders[model] = train_one(options, yaml).string();
  };
  std::string teachers;
  for (const std::string& teacher : learn::listed(training.training.teachers))
    teachers += (teachers.empty() ? "" : ",") + folder_of(teacher, "training.teachers");
  training.training.teachers = teachers;
  training.network.start = folder_of(training.network.start, "network.start");
}

}  // namespace

void train_teachers(const std::string& file, learn::Options& training, const TrainOne& train_one) {
  train_first(file, training, train_one, 0);
}

}  // namespace thorax::cli
