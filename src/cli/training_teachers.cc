#include "cli/training_teachers.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/training_config.h"
#include "learn/listed.h"
#include "weights/manifest.h"

namespace thorax::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kDeepest = 4;

bool is_configuration(const std::string& teacher) {
  const fs::path extension = fs::path(teacher).extension();
  return extension == ".yaml" || extension == ".yml";
}

[[noreturn]] void refuse(const std::string& teacher, const std::string& hint) {
  throw Error("bad_option"_code,
              {{"option", "training.teachers"}, {"value", teacher}, {"hint", hint}});
}

fs::path cache_of(const learn::Options& pupil) {
  return pupil.data.cache.empty() ? fs::path(pupil.run.folder) / "pictures.safetensors"
                                  : fs::path(pupil.data.cache);
}

/// The teacher's own options, on the pupil's data: what the pupil is tested on no teacher may see.
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
       {"data.table", data.table},
       {"data.embeddings", data.embeddings},
       {"data.validation", nlohmann::json(data.validation).dump()},
       {"data.test", nlohmann::json(data.test).dump()},
       {"data.seed", std::to_string(data.seed)},
       // Decoded once for all that read the same size.
       {"data.cache", own.data.size == data.size ? cache_of(pupil).string() : ""}});
}

void train_teachers(const fs::path& file, learn::Options& training, const TrainOne& train_one,
                    int depth) {
  std::string folders;
  for (const std::string& teacher : learn::listed(training.training.teachers)) {
    std::string folder = teacher;
    if (is_configuration(teacher)) {
      if (depth == kDeepest) refuse(teacher, "its teachers are taught by itself");
      if (training.training.processes > 1)
        refuse(teacher, "with training.processes: folders of models that are trained");
      const fs::path beside = file.parent_path() / teacher;
      const fs::path found = fs::exists(beside) ? beside : fs::path(teacher);
      auto [options, yaml] = options_of(found, training);
      train_teachers(found, options, train_one, depth + 1);
      folder = train_one(options, yaml).string();
      if (training.network.start == teacher)
        training.network.start =
            (fs::path(folder) / weights::load_manifest(folder).weights).string();
    }
    folders += (folders.empty() ? "" : ",") + folder;
  }
  training.training.teachers = folders;
}

}  // namespace

void train_teachers(const std::string& file, learn::Options& training, const TrainOne& train_one) {
  train_teachers(file, training, train_one, 0);
}

}  // namespace thorax::cli
