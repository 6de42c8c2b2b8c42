#include "pipeline/train.h"

#include <array>
#include <cstdio>

#include "base/error.h"
#include "base/files.h"
#include "base/hash.h"
#include "base/version.h"
#include "learn/table.h"
#include "pipeline/trained_model.h"
#include "pipeline/training_evaluation.h"
#include "pipeline/training_novelty.h"
#include "pipeline/training_pictures.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;
using learn::Split;
using nlohmann::json;

constexpr double kReading = 0.02, kTraining = 0.96,
                 kTesting = 0.98;  // shares of the whole, roughly

json object_option(const std::string& option, const std::string& text) {
  const json value = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (value.is_object()) return value;
  throw Error(Code::bad_option, {{"option", option}, {"value", text}, {"hint", "{…}"}});
}

json network_config(const learn::Options& training, const learn::PictureSet& set) {
  json config = object_option("network.config", training.network.config);
  config["image_size"] = set.size;
  config[training.network.id == "vit" ? "labels" : "classes"] = set.classes.size();
  return config;
}

/// Of everything that decides the weights: settings that are not the default ones, and the data.
std::string fingerprint_of(const learn::Options& training, const std::string& data) {
  learn::Options shown;
  Settings settings;
  learn::add_settings(settings, shown);
  shown = training;
  shown.run = {};
  if (!shown.network.start.empty()) shown.network.start = sha256_file(shown.network.start);
  shown.data.source = shown.data.manifest = shown.data.cache = shown.data.patient = "";
  shown.data.false_alarms = learn::DataOptions{}.false_alarms;
  shown.data.others = "";
  shown.training.checkpoint_seconds = learn::TrainingOptions{}.checkpoint_seconds;
  std::string text = data;
  for (const auto& [key, value] : settings.changed()) text += '\n' + key + '=' + value;
  return sha256_hex(text);
}

std::string csv_of(const std::vector<learn::EpochRow>& rows) {
  std::string text =
      "epoch,rate,train_loss,validation_loss,validation_accuracy,seconds,waiting_share\n";
  for (const learn::EpochRow& row : rows) {
    std::array<char, 200> line{};
    std::snprintf(line.data(), line.size(), "%lld,%.3g,%.6f,%.6f,%.6f,%.1f,%.4f\n",
                  static_cast<long long>(row.epoch), row.rate, row.train_loss, row.validation_loss,
                  row.validation_accuracy, row.seconds, row.waiting / row.seconds);
    text += line.data();
  }
  return text;
}

std::string csv_of(const learn::PictureSet& set, const std::vector<Split>& splits) {
  std::string text = "path,patient_id,class,split\n";
  for (std::size_t i = 0; i < set.count(); ++i)
    text += learn::table_field(set.names[i]) + ',' + learn::table_field(set.patients[i]) + ',' +
            learn::table_field(set.classes[static_cast<std::size_t>(set.labels[i])]) + ',' +
            learn::to_string(splits[i]) + '\n';
  return text;
}

json counts_of(const learn::PictureSet& set, const std::vector<Split>& splits) {
  json counts;
  for (std::size_t i = 0; i < set.count(); ++i) {
    json& count =
        counts[learn::to_string(splits[i])][set.classes[static_cast<std::size_t>(set.labels[i])]];
    count = count.is_null() ? 1 : count.get<int>() + 1;
  }
  return counts;
}

}  // namespace

TrainingRun train(const learn::Options& training, const std::string& yaml, const Options& options,
                  const std::function<void(const learn::EpochRow&)>& epoch_done,
                  const Progress& progress) {
  const json own_words = object_option("run.manifest", training.run.manifest);
  const fs::path folder = training.run.folder;
  fs::create_directories(folder);
  const learn::PictureSet set = training_pictures(
      training.data,
      training.data.cache.empty() ? folder / "pictures.safetensors" : fs::path(training.data.cache),
      options.intake, progress.part(0, kReading));
  const std::vector<Split> splits =
      learn::split_by_patient(set.patients, set.labels, training.data.validation,
                              training.data.test, training.training.seed);
  const std::string data = learn::hash_of(set);
  learn::TrainRequest request;
  request.network = training.network.id;
  request.config = network_config(training, set);
  request.start = training.network.start;
  request.training = training.training;
  request.folder = folder;
  request.keep_last = training.run.keep_last;
  request.fingerprint = fingerprint_of(training, data);

  const learn::PictureBatches batches(set, splits, training);
  const json run{{"program", std::string("thorax ") + kVersion},
                 {"data_sha256", data},
                 {"fingerprint", request.fingerprint},
                 {"classes", set.classes},
                 {"pictures", counts_of(set, splits)},
                 {"network", request.network},
                 {"config", request.config}};
  const auto write_settings = [&] {
    write_file(folder / "config.yaml", yaml);
    write_file(folder / "run.json", run.dump(2) + '\n');
    write_file(folder / "splits.csv", csv_of(set, splits));
  };
  if (!fs::exists(folder / "last.safetensors")) write_settings();
  const learn::TrainResult result = learn::trainer().train(
      request, batches,
      [&](const std::vector<learn::EpochRow>& rows) {
        write_file(folder / "metrics.csv", csv_of(rows));
        if (epoch_done) epoch_done(rows.back());
      },
      progress.part(kReading, kTraining));
  write_settings();
  TrainingRun done{result.rows, result.kept_epoch, folder / training.run.name};
  write_trained_model(done.model, training, request, result, run, own_words);
  const std::vector<Prediction> predictions =
      predict(done.model, set, splits, training, progress.part(kTraining, kTesting));
  write_predictions(folder / "predictions.csv", predictions, set, splits);
  calibrate(done.model, predictions, set, splits);
  const std::string others =
      add_novelty(done.model, set, splits, training, options.intake, progress.part(kTesting, 1));
  write_evaluation(folder, done.model, predictions, set, splits, others);
  return done;
}

}  // namespace thorax::pipeline
