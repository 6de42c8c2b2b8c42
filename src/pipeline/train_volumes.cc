#include "pipeline/train_volumes.h"

#include "pipeline/training_run.h"
#include "pipeline/volume_recipe.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr double kReading = 0.1;  // share of the whole, roughly

std::unique_ptr<VolumeRecipe> recipe_of(const learn::Options& training) {
  if (training.data.recipe == "slabs") return slab_recipe(training);
  if (training.data.recipe == "segmentation") return segmentation_recipe(training);
  if (training.data.recipe == "pairs") return pair_recipe(training);
  if (training.data.recipe == "body_parts") return body_part_recipe(training);
  if (training.data.recipe == "reports") return report_recipe(training);
  return block_recipe(training);
}

}  // namespace

TrainingRun train_volumes(const learn::Options& training, const std::string& yaml,
                          const Options& options, const EpochDone& epoch_done,
                          const Progress& progress) {
  const json own_words = object_option("run.manifest", training.run.manifest);
  const std::unique_ptr<VolumeRecipe> recipe = recipe_of(training);
  const fs::path folder = training.run.folder;
  fs::create_directories(folder);
  VolumeData data = read_volumes(
      training.data, recipe->needs(), recipe->how(),
      [&](const volume::CtVolume& hu, const volume::CtVolume& outlines) {
        return recipe->prepare(hu, outlines);
      },
      training.data.cache.empty() ? folder / "volumes" : fs::path(training.data.cache),
      options.intake, progress.part(0, kReading));
  recipe->take(data);
  const learn::VolumeSet& set = data.set;
  const std::vector<learn::Split> splits = learn::split_by_patient(
      set.patients, set.labels(), training.data.validation, training.data.test, training.data.seed);
  learn::TrainRequest request;
  request.network = training.network.id;
  request.config = recipe->network_config(set);
  set_start(request, training.network);
  request.classes = recipe->classes(set);
  request.training = training.training;
  request.positive_weight = positive_weight(training.training.positive_weight, set, splits);
  request.keep_last = training.run.keep_last;
  request.folder = folder;
  request.fingerprint = fingerprint_of(training, data.hash);
  const std::unique_ptr<learn::Batches> batches = recipe->batches(set, splits);

  json run = run_json(request, data.hash);
  run["studies"] = counts_of(set, splits);
  run["left_out"] = data.unlabelled;
  const auto write_settings = [&] { write_run(folder, yaml, run, csv_of(set, splits)); };
  if (!fs::exists(folder / "last.safetensors")) write_settings();
  const learn::TrainResult result =
      train_and_track(training, request, *batches, run, epoch_done, progress.part(kReading, 1));
  if (training.training.process > 0) return {result.rows, result.kept_epoch, {}};
  write_settings();
  TrainingRun done{result.rows, result.kept_epoch, folder / training.run.name};
  write_model_folder(done.model, recipe->model(), training, request, result, run, own_words);
  recipe->evaluate(folder, done.model, set, splits);
  return done;
}

}  // namespace thorax::pipeline
