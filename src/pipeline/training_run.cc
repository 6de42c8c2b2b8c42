#include "pipeline/training_run.h"

#include <array>
#include <cmath>
#include <cstdio>

#include "base/error.h"
#include "base/files.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/version.h"
#include "learn/listed.h"
#include "track/line_plot.h"
#include "weights/manifest.h"

namespace thorax::pipeline {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

/// Settings that differ from the default ones.
std::map<std::string, std::string> changed_settings(const learn::Options& training) {
  learn::Options shown;
  Settings settings;
  learn::add_settings(settings, shown);
  shown = training;
  const auto changed = settings.changed();
  return {changed.begin(), changed.end()};
}

std::vector<track::Metric> metrics_of(const std::vector<learn::EpochRow>& rows) {
  std::vector<track::Metric> metrics;
  double seconds = 0;
  for (const learn::EpochRow& row : rows) {
    seconds += row.seconds;
    const auto add = [&](const char* name, double value) {
      if (std::isfinite(value))
        metrics.push_back({name, value, row.epoch, std::llround(1000 * seconds)});
    };
    add("rate", row.rate);
    add("train_loss", row.train_loss);
    add("validation_loss", row.validation_loss);
    add("validation_accuracy", row.validation_accuracy);
    add("validation_f1", row.validation_f1);
    add("validation_auroc", row.validation_auroc);
  }
  return metrics;
}

/// Losses by epoch.
std::string plot_of(const std::vector<learn::EpochRow>& rows) {
  std::vector<double> train, validation;
  for (const learn::EpochRow& row : rows) {
    train.push_back(row.train_loss);
    validation.push_back(row.validation_loss);
  }
  return track::line_plot({{"training", train}, {"validation", validation}}, "epoch", "loss");
}

std::vector<fs::path> start_files(const learn::NetworkOptions& network) {
  std::vector<fs::path> files;
  for (const fs::path start : learn::listed(network.start))
    files.push_back(fs::is_directory(start) ? start / weights::load_manifest(start).weights
                                            : start);
  return files;
}

/// Hashes of the files that training starts from.
std::string start_sha256(const learn::NetworkOptions& network) {
  std::string text;
  for (const fs::path& file : start_files(network))
    text += (text.empty() ? "" : " ") + sha256_file(file);
  return text;
}

track::RunRecord record_of(const learn::Options& training, const learn::TrainRequest& request,
                           const json& run) {
  track::RunRecord record;
  record.experiment = training.tracking.experiment;
  record.name = training.run.name;
  record.fingerprint = request.fingerprint;
  record.folder = request.folder;
  record.params = changed_settings(training);
  for (const char* tag : {"program", "data_sha256"})
    record.tags.emplace(tag, run.at(tag).get<std::string>());
  return record;
}

}  // namespace

json object_option(const std::string& option, const std::string& text) {
  json value = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (value.is_object()) return value;
  throw Error("bad_option"_code, {{"option", option}, {"value", text}, {"hint", "{…}"}});
}

void set_start(learn::TrainRequest& request, const learn::NetworkOptions& network) {
  request.start = start_files(network);
  request.start_below = network.start_below;
  request.start_without = learn::listed(network.start_without);
}

std::string fingerprint_of(const learn::Options& training, const std::string& data) {
  learn::Options shown;
  Settings settings;
  learn::add_settings(settings, shown);
  shown = training;
  shown.run = {};
  shown.tracking = {};
  shown.search = {};
  shown.data.source = shown.data.manifest = shown.data.cache = shown.data.patient = "";
  shown.data.groups = "";
  shown.data.embeddings = shown.data.table = "";
  shown.network.start = start_sha256(shown.network);
  shown.data.false_alarms = learn::DataOptions{}.false_alarms;
  shown.data.others = shown.data.external = shown.data.external_manifest = "";
  std::string teachers;
  for (const std::string& folder : learn::listed(shown.training.teachers))
    teachers += weights::load_manifest(folder).sha256 + ' ';
  shown.training.teachers = teachers;
  if (!shown.data.vocabulary.empty()) shown.data.vocabulary = sha256_file(shown.data.vocabulary);
  shown.training.checkpoint_seconds = learn::TrainingOptions{}.checkpoint_seconds;
  shown.training.process = 0;
  shown.training.meeting = "";
  std::string text = data;
  for (const auto& [key, value] : settings.changed())
    text.append("\n").append(key).append("=").append(value);
  return sha256_hex(text);
}

std::string csv_of(const std::vector<learn::EpochRow>& rows) {
  std::string text =
      "epoch,rate,train_loss,validation_loss,validation_accuracy,validation_f1,validation_auroc,"
      "seconds,waiting_share\n";
  for (const learn::EpochRow& row : rows) {
    std::array<char, 240> line{};
    std::snprintf(line.data(), line.size(), "%lld,%.3g,%.6f,%.6f,%.6f,%.6f,%.6f,%.1f,%.4f\n",
                  static_cast<long long>(row.epoch), row.rate, row.train_loss, row.validation_loss,
                  row.validation_accuracy, row.validation_f1, row.validation_auroc, row.seconds,
                  row.waiting / row.seconds);
    text += line.data();
  }
  return text;
}

json run_json(const learn::TrainRequest& request, const std::string& data) {
  return {{"program", std::string("thorax ") + kVersion},
          {"data_sha256", data},
          {"fingerprint", request.fingerprint},
          {"classes", request.classes},
          {"network", request.network},
          {"config", request.config}};
}

void write_run(const std::filesystem::path& folder, const std::string& yaml,
               const nlohmann::json& run, const std::string& splits) {
  write_file(folder / "config.yaml", yaml);
  write_file(folder / "run.json", run.dump(2) + '\n');
  write_file(folder / "splits.csv", splits);
}

learn::TrainResult train_and_track(const learn::Options& training,
                                   const learn::TrainRequest& request,
                                   const learn::Batches& batches, const json& run,
                                   const EpochDone& epoch_done, const Progress& progress) {
  if (training.training.process > 0) return learn::trainer().train(request, batches, {}, progress);
  track::Tracker tracker(
      record_of(training, request, run),
      {training.tracking.tensorboard, training.tracking.mlflow, training.tracking.address},
      [](const Notice& notice) { log::warning(notice.what(Language::en)); });
  const fs::path& folder = request.folder;
  const std::vector<fs::path> files{folder / "config.yaml", folder / "run.json",
                                    folder / "metrics.csv", folder / "splits.csv"};
  try {
    learn::TrainResult result = learn::trainer().train(
        request, batches,
        [&](const std::vector<learn::EpochRow>& rows) {
          write_file(folder / "metrics.csv", csv_of(rows));
          write_file(folder / "losses.svg", plot_of(rows));
          tracker.log(metrics_of(rows));
          if (epoch_done) epoch_done(rows);
        },
        progress);
    tracker.end(track::Status::finished, files);
    return result;
  } catch (const Error& error) {
    tracker.end(error.code() == "cancelled"_code ? track::Status::killed : track::Status::failed,
                files);
    throw;
  }
}

}  // namespace thorax::pipeline
