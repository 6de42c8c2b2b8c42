#include "cli/training_teachers.h"

#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/training_config.h"
#include "learn/listed.h"

namespace thorax::cli {
namespace {

namespace fs = std::filesystem;

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
std::pair<learn::Options, std::string> options_of(const fs::path& file, const fs::path& folder,
                                                  const learn::Options& pupil) {
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

class Teachers {
 public:
  Teachers(fs::path runs, const TrainOne& train_one)
      : runs_(std::move(runs)), train_one_(train_one) {}

  /// Trains what `training`, read from `file`, names, and puts the folders of the models there.
  void train_for(const fs::path& file, learn::Options& training) {
    folders_.try_emplace(file);
    const auto folders_of = [&](const std::string& models, const char* option) {
      std::string folders;
      for (const std::string& model : learn::listed(models))
        folders += (folders.empty() ? "" : ",") +
                   (is_configuration(model) ? trained(file, training, model, option) : model);
      return folders;
    };
    training.training.teachers = folders_of(training.training.teachers, "training.teachers");
    training.network.start = folders_of(training.network.start, "network.start");
  }

 private:
  std::string trained(const fs::path& file, const learn::Options& pupil, const std::string& model,
                      const char* option) {
    if (pupil.training.processes > 1)
      refuse(option, model, "with training.processes: folders of models that are trained");
    const fs::path beside = file.parent_path() / model;
    const fs::path found = fs::weakly_canonical(fs::exists(beside) ? beside : fs::path(model));
    const auto [known, is_new] = folders_.try_emplace(found);
    if (!is_new && known->second.empty()) refuse(option, model, "it comes before itself");
    if (is_new) {
      auto [options, yaml] = options_of(found, runs_ / found.stem(), pupil);
      train_for(found, options);
      known->second = train_one_(options, yaml).string();
    }
    return known->second;
  }

  fs::path runs_;
  const TrainOne& train_one_;
  std::map<fs::path, std::string> folders_;  ///< of the models; empty while one is being trained
};

}  // namespace

void train_teachers(const std::string& file, learn::Options& training, const TrainOne& train_one) {
  Teachers(fs::path(training.run.folder) / "teachers", train_one)
      .train_for(fs::weakly_canonical(file), training);
}

}  // namespace thorax::cli
