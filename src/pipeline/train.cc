#include "pipeline/train.h"

#include "base/error.h"
#include "learn/framing.h"
#include "learn/listed.h"
#include "pipeline/model_folder.h"
#include "pipeline/picture_groups.h"
#include "pipeline/picture_splits.h"
#include "pipeline/train_head.h"
#include "pipeline/train_views.h"
#include "pipeline/train_volumes.h"
#include "pipeline/trained_model.h"
#include "pipeline/training_centre.h"
#include "pipeline/training_evaluation.h"
#include "pipeline/training_external.h"
#include "pipeline/training_heat.h"
#include "pipeline/training_novelty.h"
#include "pipeline/training_pictures.h"
#include "pipeline/training_run.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;
using learn::Split;
using nlohmann::json;

constexpr double kReading = 0.02, kTraining = 0.96, kTesting = 0.98, kKnowing = 0.985,
                 kComparing = 0.99;  // shares of the whole, roughly

json network_config(const learn::Options& training, const learn::PictureSet& set) {
  json config = object_option("network.config", training.network.config);
  config["image_size"] = set.size;
  config[training.network.id == "vit" ? "labels" : "classes"] = set.classes.size();
  return config;
}

/// Throws Error("bad_option"_code) when the model could not be told to look at mirror images.
void require_mirrors(const learn::Options& training, bool pictures) {
  const std::string& id = training.network.id;
  if (training.run.mirrored && (!pictures || (id != "resnet" && id != "vit")))
    throw Error("bad_option"_code,
                {{"option", "run.mirrored"}, {"value", "true"}, {"hint", "resnet | vit"}});
}

/// Throws Error("bad_option"_code) for a network that has no such statistics.
void require_styles(const learn::Options& training, bool pictures) {
  const bool shown = pictures || training.data.recipe == "views";
  if (training.training.mix_style && (!shown || training.network.id != "resnet"))
    throw Error("bad_option"_code, {{"option", "training.mix_style"},
                                    {"value", "true"},
                                    {"hint", "network.id: resnet, data.recipe: pictures, views"}});
}

/// Throws Error("bad_option"_code) where chests are not looked for.
void require_frame(const learn::Options& training, bool pictures) {
  if (training.data.frame != "whole" && !pictures)
    throw Error("bad_option"_code, {{"option", "data.frame"},
                                    {"value", training.data.frame},
                                    {"hint", "data.recipe: pictures"}});
}

/// Throws Error("bad_option"_code) where groups mean nothing.
void require_groups(const learn::Options& training, bool pictures) {
  if (!training.data.groups.empty() && !pictures)
    throw Error("bad_option"_code, {{"option", "data.groups"},
                                    {"value", training.data.groups},
                                    {"hint", "data.recipe: pictures"}});
}

/// Throws Error("bad_option"_code) for a teacher that knows pictures framed in another way than
/// those that it would be asked about.
void require_teachers(const learn::Options& training) {
  const bool chest = training.data.frame == "chest";
  for (const std::string& folder : learn::listed(training.training.teachers)) {
    const weights::Manifest manifest = weights::load_manifest(folder);
    if (manifest.json.value("radiograph", json::object()).contains("atlas") != chest)
      throw Error("bad_option"_code, {{"option", "training.teachers"},
                                      {"value", folder},
                                      {"hint", chest ? "data.frame=whole" : "data.frame=chest"}});
  }
}

}  // namespace

TrainingRun train(const learn::Options& training, const std::string& yaml, const Options& options,
                  const EpochDone& epoch_done, const Progress& progress) {
  const std::string& recipe = training.data.recipe;
  const bool head =
      recipe == "embeddings" || (recipe == "auto" && !training.data.embeddings.empty());
  const bool pictures = !head && (recipe == "auto" || recipe == "pictures");
  require_mirrors(training, pictures);
  require_styles(training, pictures);
  require_frame(training, pictures);
  require_groups(training, pictures);
  if (head) return train_head(training, yaml, epoch_done, progress);
  if (recipe == "views") return train_views(training, yaml, options, epoch_done, progress);
  if (!pictures) return train_volumes(training, yaml, options, epoch_done, progress);
  require_teachers(training);
  const json own_words = object_option("run.manifest", training.run.manifest);
  const fs::path folder = training.run.folder;
  fs::create_directories(folder);
  learn::PictureSet set = training_pictures(
      training.data,
      training.data.cache.empty() ? folder / "pictures.safetensors" : fs::path(training.data.cache),
      options.intake, progress.part(0, kReading));
  if (!training.data.groups.empty()) set.groups = picture_groups(training.data.groups, set.names);
  if (set.classes.size() < 2)
    throw Error("bad_training_data"_code,
                {{"path", training.data.source}, {"detail", "fewer than two classes"}});
  const std::vector<Split> splits = learn::split_by_patient(
      set.patients, set.labels, training.data.validation, training.data.test, training.data.seed);
  std::optional<learn::PictureSet> external;
  if (training.run.evaluation)
    external = external_pictures(folder, training, set.classes, options.intake,
                                 progress.part(0, kReading));
  const std::string data = learn::hash_of(set);
  learn::TrainRequest request;
  request.network = training.network.id;
  request.config = network_config(training, set);
  set_start(request, training.network);
  request.classes = set.classes;
  request.training = training.training;
  request.folder = folder;
  request.keep_last = training.run.keep_last;
  request.fingerprint = fingerprint_of(training, data);

  prepare::RadiographOptions radiograph{.size = set.size};
  std::vector<prepare::Frame> frames;
  if (training.data.frame == "chest") {
    progress.report("chests", kReading);
    radiograph.atlas = learn::atlas_of(set, splits, training.data.seed);
    frames = learn::frames_of(set, *radiograph.atlas);
  }
  const learn::PictureBatches batches(set, splits, training, std::move(frames));
  json run = run_json(request, data);
  run["pictures"] = counts_of(set, splits);
  const auto write_settings = [&] { write_run(folder, yaml, run, csv_of(set, splits)); };
  if (!fs::exists(folder / "last.safetensors")) write_settings();
  learn::TrainResult result = train_and_track(training, request, batches, run, epoch_done,
                                              progress.part(kReading, kTraining));
  if (training.training.process > 0) return {result.rows, result.kept_epoch, {}};
  write_settings();
  if (training.run.mirrored) request.config["mirrored"] = true;
  TrainingRun done{result.rows, result.kept_epoch, folder / training.run.name};
  const auto write_model = [&] {
    write_model_folder(done.model, {"xray-classification", radiograph_use(radiograph), {}},
                       training, request, result, run, own_words);
  };
  write_model();
  std::vector<Prediction> predictions =
      predict(done.model, set, splits, training, progress.part(kTraining, kTesting));
  run["centred"] = centre(result, predictions, set, splits, training.data.balance);
  write_model();
  write_predictions(folder / "predictions.csv", predictions, set, splits);
  calibrate(done.model, predictions, set, splits);
  if (!training.run.evaluation) return done;
  const std::string others = add_novelty(done.model, set, splits, training, options.intake,
                                         progress.part(kTesting, kKnowing));
  std::string compared;
  if (external)
    compared = judge_external(*external, done.model, predictions, set, splits, training,
                              progress.part(kKnowing, kComparing));
  const std::string heat =
      check_heat_maps(done.model, set, splits, predictions, training, progress.part(kComparing, 1));
  write_evaluation(folder, done.model, predictions, set, splits, compared + others + heat);
  return done;
}

}  // namespace thorax::pipeline
