#include "pipeline/trained_model.h"

#include <array>
#include <cstdio>
#include <fstream>

#include "base/files.h"
#include "engine/self_test.h"
#include "learn/augment.h"
#include "learn/table.h"
#include "weights/safetensors.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t kAtATime = 16;
// What random numbers are drawn for.
constexpr std::uint64_t kShift = 3;

json preparation(const prepare::RadiographOptions& options) {
  return {{"low", options.low},
          {"high", options.high},
          {"median", options.median},
          {"steepest", options.steepest}};
}

/// fp32 [B, 3, S, S] of so many pictures under one shift.
weights::Tensor inputs_of(const learn::PictureSet& set, std::span<const std::size_t> places,
                          const learn::Shift& shift, std::size_t number, std::uint64_t seed) {
  const std::size_t pixels =
      static_cast<std::size_t>(set.size) * static_cast<std::size_t>(set.size);
  std::vector<float> values(places.size() * 3 * pixels);
  const prepare::RadiographOptions standard{.size = set.size};
  for (std::size_t i = 0; i < places.size(); ++i) {
    learn::Grey picture = learn::to_grey(set.picture(places[i]), set.size);
    learn::Random random{seed, kShift, number, places[i]};
    shift.apply(picture, random);
    const auto channel = [&](std::size_t c) {
      return std::span(values).subspan((3 * i + c) * pixels, pixels);
    };
    learn::finish(picture, standard, channel(0));
    for (std::size_t c = 1; c < 3; ++c) std::ranges::copy(channel(0), channel(c).begin());
  }
  return weights::make_tensor({static_cast<std::int64_t>(places.size()), 3, set.size, set.size},
                              values);
}

}  // namespace

void write_trained_model(const fs::path& folder, const learn::Options& training,
                         const learn::TrainRequest& request, const learn::TrainResult& result,
                         const json& run) {
  NewFolder made(folder);
  weights::Manifest manifest;
  manifest.name = training.run.name;
  manifest.version = training.run.version;
  manifest.task = "xray-classification";
  manifest.licence = training.run.licence;
  manifest.network = request.network;
  manifest.config = request.config;
  manifest.weights = "weights.safetensors";
  manifest.json["precision"] = "fp32";
  manifest.json["preprocessing"] = "radiograph";
  manifest.json["radiograph"] = preparation({});
  manifest.json["image_size"] = training.data.size;
  manifest.json["trained"] = run;
  manifest.json["trained"]["epochs"] = result.rows.size();
  manifest.json["trained"]["best_epoch"] = result.best_epoch;
  if (!training.run.description.empty()) manifest.json["description"] = training.run.description;
  manifest.labels = run.at("classes").get<std::vector<std::string>>();
  weights::write_safetensors(made.path() / manifest.weights, result.best);
  manifest.files.push_back(weights::describe_file(made.path() / manifest.weights));
  weights::write_manifest(made.path(), manifest);
  const std::unique_ptr<engine::Runner> runner = engine::load(made.path(), {});
  manifest.json["parameters"] = runner->describe().parameters;
  manifest.json["self_test"] = engine::run_self_test(*runner, manifest.name);
  weights::write_manifest(made.path(), manifest);
  made.commit();
}

void write_predictions(const fs::path& path, const fs::path& model, const learn::PictureSet& set,
                       const std::vector<learn::Split>& splits, const learn::Options& training,
                       const Progress& progress) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < set.count(); ++i)
    if (splits[i] != learn::Split::train) places.push_back(i);
  engine::RunOptions wanted;
  wanted.threads = training.training.threads;
  const std::unique_ptr<engine::Runner> runner = engine::load(model, wanted);
  std::string text = "path,patient_id,split,shift,class";
  for (const std::string& name : set.classes) text += "," + learn::table_field("logit_" + name);
  text += '\n';
  const std::span<const learn::Shift> shifts = learn::shifts();
  for (std::size_t s = 0; s < shifts.size(); ++s)
    for (std::size_t first = 0; first < places.size(); first += kAtATime) {
      progress.report("test", (static_cast<double>(s) +
                               static_cast<double>(first) / static_cast<double>(places.size())) /
                                  static_cast<double>(shifts.size()));
      const auto some = std::span(places).subspan(first, std::min(kAtATime, places.size() - first));
      const std::vector<float> logits =
          runner->run({inputs_of(set, some, shifts[s], s, training.training.seed)})
              .front()
              .to_float();
      for (std::size_t i = 0; i < some.size(); ++i) {
        text += learn::table_field(set.names[some[i]]) + ',' +
                learn::table_field(set.patients[some[i]]) + ',' +
                learn::to_string(splits[some[i]]) + ',' + std::string(shifts[s].name) + ',' +
                learn::table_field(set.classes[static_cast<std::size_t>(set.labels[some[i]])]);
        for (std::size_t c = 0; c < set.classes.size(); ++c) {
          std::array<char, 32> number{};
          std::snprintf(number.data(), number.size(), ",%.6f",
                        static_cast<double>(logits[i * set.classes.size() + c]));
          text += number.data();
        }
        text += '\n';
      }
    }
  write_file(path, text);
}

}  // namespace thorax::pipeline
