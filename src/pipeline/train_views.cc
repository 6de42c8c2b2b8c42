#include "pipeline/train_views.h"

#include <algorithm>

#include "base/error.h"
#include "learn/listed.h"
#include "learn/view_batches.h"
#include "pipeline/embedding_index.h"
#include "pipeline/model_folder.h"
#include "pipeline/model_input.h"
#include "pipeline/picture_splits.h"
#include "pipeline/retrieval.h"
#include "pipeline/trained_model.h"
#include "pipeline/training_pictures.h"
#include "pipeline/training_run.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;
using learn::Split;
using nlohmann::json;

constexpr double kReading = 0.05, kTraining = 0.99;  // shares of the whole, roughly
constexpr std::size_t kAtATime = 16;
/// Values of what is compared, where the network's own answer has no size of its own.
constexpr int kProjection = 128;

[[noreturn]] void refuse(const char* option, const std::string& value, const std::string& hint) {
  throw Error("bad_option"_code, {{"option", option}, {"value", value}, {"hint", hint}});
}

void check(const learn::Options& training) {
  const std::string& id = training.network.id;
  if (id != "resnet" && id != "vit" && id != "dinov2")
    refuse("network.id", id, "resnet | vit | dinov2");
  const auto& t = training.training;
  if (t.loss != "contrastive") refuse("training.loss", t.loss, "contrastive");
  if (t.batch < 2 * t.parts)
    refuse("training.batch", std::to_string(t.batch),
           "at least twice training.parts: pictures of a part are told apart");
}

json network_config(const learn::Options& training, int size) {
  json config = object_option("network.config", training.network.config);
  config["image_size"] = size;
  const char* answers = training.network.id == "vit" ? "labels" : "classes";
  if (training.network.id != "dinov2" && !config.contains(answers)) config[answers] = kProjection;
  return config;
}

struct Views {
  learn::PictureSet set;
  std::vector<Split> splits;
};

Views read(const learn::Options& training, const fs::path& folder, const intake::Limits& limits,
           const Progress& progress) {
  const learn::DataOptions& data = training.data;
  Views views;
  views.set = training_pictures(
      data, data.cache.empty() ? folder / "pictures.safetensors" : fs::path(data.cache), limits,
      progress);
  views.splits = learn::split_by_patient(views.set.patients, views.set.labels, data.validation,
                                         data.test, data.seed);
  for (const std::string& source : learn::listed(data.unlabelled)) {
    learn::PictureSet more = unlabelled_pictures(source, data.size, limits, progress);
    more.classes = {"unlabelled"};
    learn::append(views.set, more);
  }
  views.splits.resize(views.set.count(), Split::train);
  return views;
}

/// [B, channels, S, S] of pictures [B, 1, S, S].
weights::Tensor with_channels(const weights::Tensor& pictures, std::int64_t channels) {
  const std::vector<float> grey = pictures.to_float();
  std::vector<std::int64_t> shape = pictures.shape;
  shape[1] = channels;
  const auto pixels = static_cast<std::ptrdiff_t>(shape[2] * shape[3]);
  std::vector<float> values;
  for (auto from = grey.begin(); from != grey.end(); from += pixels)
    for (std::int64_t channel = 0; channel < channels; ++channel)
      values.insert(values.end(), from, from + pixels);
  return weights::make_tensor(shape, values);
}

/// Adds the network's embeddings of pictures [B, 1, S, S], of length 1.
void embed(engine::Runner& runner, const ModelOutput& output, const weights::Tensor& pictures,
           std::vector<std::vector<float>>& rows) {
  const std::int64_t channels = output.function.inputs.front().shape.at(1);
  for (std::vector<float>& row : rows_of(runner, output, with_channels(pictures, channels))) {
    normalise(row);
    rows.push_back(std::move(row));
  }
}

void evaluate(const fs::path& run, const fs::path& model, const Views& views,
              const learn::ViewBatches& batches, int threads, const Progress& progress) {
  engine::RunOptions wanted;
  wanted.threads = threads;
  const std::unique_ptr<engine::Runner> runner = engine::load(model, wanted);
  const auto output = find_output(runner->describe(), "embedding");
  if (!output) throw Error("bad_tensors"_code, {{"detail", model.string() + ": no embedding"}});
  Retrieval retrieval;
  for (const Split split : {Split::validation, Split::test}) {
    std::vector<std::size_t> places;
    std::vector<std::string> names, patients;
    for (std::size_t i = 0; i < views.set.count(); ++i)
      if (views.splits[i] == split) {
        places.push_back(i);
        names.push_back(views.set.names[i]);
        patients.push_back(views.set.patients[i]);
      }
    std::vector<std::vector<float>> ones, others;
    for (std::size_t first = 0; first < places.size(); first += kAtATime) {
      progress.report("test", static_cast<double>(first) / static_cast<double>(places.size()));
      const learn::Batch batch = batches.kept(
          std::span(places).subspan(first, std::min(kAtATime, places.size() - first)), first);
      embed(*runner, *output, batch.inputs, ones);
      embed(*runner, *output, batch.views, others);
    }
    retrieval.add(split, names, patients, ones, others);
  }
  retrieval.write(
      run, model,
      {"A network on radiographs that learned without labels: its embeddings of two views of a "
       "picture point the same way. It names no findings; a network that is to name some can begin "
       "with its weights (`network.start`), and heads can read its embeddings (`thorax embed`)",
       "pictures",
       "pictures of which another view, changed as in training, is the most similar, or among the "
       "five most similar, of all pictures of the split."});
}

}  // namespace

TrainingRun train_views(const learn::Options& training, const std::string& yaml,
                        const Options& options, const EpochDone& epoch_done,
                        const Progress& progress) {
  check(training);
  const json own_words = object_option("run.manifest", training.run.manifest);
  const fs::path folder = training.run.folder;
  fs::create_directories(folder);
  const Views views = read(training, folder, options.intake, progress.part(0, kReading));
  const std::string data = learn::hash_of(views.set);
  learn::TrainRequest request;
  request.network = training.network.id;
  request.config = network_config(training, training.data.size);
  set_start(request, training.network);
  request.training = training.training;
  request.folder = folder;
  request.keep_last = training.run.keep_last;
  request.fingerprint = fingerprint_of(training, data);

  const learn::ViewBatches batches(views.set, views.splits, training);
  json run = run_json(request, data);
  run["pictures"] = counts_of(views.set, views.splits);
  const auto write_settings = [&] {
    write_run(folder, yaml, run, csv_of(views.set, views.splits));
  };
  if (!fs::exists(folder / "last.safetensors")) write_settings();
  const learn::TrainResult result = train_and_track(training, request, batches, run, epoch_done,
                                                    progress.part(kReading, kTraining));
  if (training.training.process > 0) return {result.rows, result.kept_epoch, {}};
  write_settings();
  TrainingRun done{result.rows, result.kept_epoch, folder / training.run.name};
  write_model_folder(done.model,
                     {"xray-embedding", radiograph_use({.size = training.data.size}), {}}, training,
                     request, result, run, own_words);
  evaluate(folder, done.model, views, batches, training.training.threads,
           progress.part(kTraining, 1));
  return done;
}

}  // namespace thorax::pipeline
