#include "pipeline/trained_model.h"

#include <algorithm>
#include <iterator>

#include "base/files.h"
#include "engine/runner.h"
#include "evaluate/calibration.h"
#include "evaluate/kept_calibration.h"
#include "learn/augment.h"
#include "learn/table.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t kAtATime = 16;
// What random numbers are drawn for.
constexpr std::uint64_t kShift = 3;

/// fp32 [B, 3, S, S] of so many pictures under one shift.
weights::Tensor inputs_of(const learn::PictureSet& set, std::span<const std::size_t> places,
                          const prepare::RadiographOptions& radiograph, Changed changed) {
  const std::size_t pixels =
      static_cast<std::size_t>(set.size) * static_cast<std::size_t>(set.size);
  std::vector<float> values(places.size() * 3 * pixels);
  for (std::size_t i = 0; i < places.size(); ++i) {
    learn::Grey picture = learn::to_grey(set.picture(places[i]), set.size);
    learn::Random random{changed.seed, kShift, changed.shift, places[i]};
    learn::shifts()[changed.shift].apply(picture, random);
    const auto channel = [&](std::size_t c) {
      return std::span(values).subspan((3 * i + c) * pixels, pixels);
    };
    learn::finish(picture, radiograph, channel(0));
    for (std::size_t c = 1; c < 3; ++c) std::ranges::copy(channel(0), channel(c).begin());
  }
  return weights::make_tensor({static_cast<std::int64_t>(places.size()), 3, set.size, set.size},
                              values);
}

}  // namespace

weights::Tensor picture_inputs(const learn::PictureSet& set, std::span<const std::size_t> places,
                               const prepare::RadiographOptions& radiograph) {
  return inputs_of(set, places, radiograph, {});
}

std::vector<std::vector<float>> rows_of(engine::Runner& runner, const ModelOutput& output,
                                        const weights::Tensor& inputs) {
  const std::vector<float> values =
      runner.run({inputs}, output.function.name).at(output.output).to_float();
  const auto width = static_cast<std::ptrdiff_t>(values.size()) / inputs.shape.at(0);
  std::vector<std::vector<float>> rows;
  for (auto from = values.begin(); from != values.end(); from += width)
    rows.emplace_back(from, from + width);
  return rows;
}

std::vector<std::vector<float>> rows_of(engine::Runner& runner, const ModelOutput& output,
                                        const learn::PictureSet& set,
                                        std::span<const std::size_t> places,
                                        const prepare::RadiographOptions& radiograph,
                                        Changed changed) {
  std::vector<std::vector<float>> rows;
  for (std::size_t first = 0; first < places.size(); first += kAtATime) {
    const auto some = places.subspan(first, std::min(kAtATime, places.size() - first));
    std::ranges::move(rows_of(runner, output, inputs_of(set, some, radiograph, changed)),
                      std::back_inserter(rows));
  }
  return rows;
}

json radiograph_use(const prepare::RadiographOptions& radiograph) {
  return {{"preprocessing", "radiograph"},
          {"radiograph", radiograph_json(radiograph)},
          {"image_size", radiograph.size}};
}

std::vector<Prediction> predict(const fs::path& model, const learn::PictureSet& set,
                                const std::vector<learn::Split>& splits,
                                const learn::Options& training, const Progress& progress) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < set.count(); ++i)
    if (splits[i] != learn::Split::train) places.push_back(i);
  engine::RunOptions wanted;
  wanted.threads = training.training.threads;
  const std::unique_ptr<engine::Runner> runner = engine::load(model, wanted);
  const prepare::RadiographOptions radiograph =
      radiograph_options(weights::load_manifest(model), set.size);
  const std::span<const learn::Shift> shifts =
      training.run.evaluation ? learn::shifts() : learn::shifts().first(1);
  const std::size_t classes = set.classes.size(), all = places.size() * shifts.size();
  std::vector<Prediction> predictions;
  predictions.reserve(all);
  for (std::size_t s = 0; s < shifts.size(); ++s)
    for (std::size_t first = 0; first < places.size(); first += kAtATime) {
      progress.report("test", static_cast<double>(predictions.size()) / static_cast<double>(all));
      const auto some = std::span(places).subspan(first, std::min(kAtATime, places.size() - first));
      const std::vector<float> logits =
          runner->run({inputs_of(set, some, radiograph, {s, training.training.seed})})
              .front()
              .to_float();
      for (std::size_t i = 0; i < some.size(); ++i) {
        const auto row = std::span(logits).subspan(i * classes, classes);
        predictions.push_back({some[i], s, {row.begin(), row.end()}});
      }
    }
  return predictions;
}

void write_predictions(const fs::path& path, const std::vector<Prediction>& predictions,
                       const learn::PictureSet& set, const std::vector<learn::Split>& splits) {
  std::string text = "path,patient_id,split,shift,class";
  if (!set.groups.empty()) text += ",group";
  for (const std::string& name : set.classes) text += "," + learn::table_field("logit_" + name);
  text += '\n';
  for (const Prediction& one : predictions) {
    text += learn::table_field(set.names[one.picture]) + ',' +
            learn::table_field(set.patients[one.picture]) + ',' +
            learn::to_string(splits[one.picture]) + ',' +
            std::string(learn::shifts()[one.shift].name) + ',' +
            learn::table_field(set.classes[static_cast<std::size_t>(set.labels[one.picture])]);
    if (!set.groups.empty()) text += ',' + learn::table_field(set.groups[one.picture]);
    for (const float logit : one.logits)
      text += ',' + learn::table_field(static_cast<double>(logit));
    text += '\n';
  }
  write_file(path, text);
}

void calibrate(const fs::path& model, const std::vector<Prediction>& predictions,
               const learn::PictureSet& set, const std::vector<learn::Split>& splits) {
  std::vector<double> logits, probabilities;
  std::vector<int> truth;
  for (const Prediction& one : predictions) {
    if (one.shift != 0 || splits[one.picture] != learn::Split::validation) continue;
    logits.insert(logits.end(), one.logits.begin(), one.logits.end());
    truth.push_back(set.labels[one.picture]);
  }
  const std::size_t classes = set.classes.size();
  const double temperature = evaluate::fit_temperature(logits, truth, classes);
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const auto row =
        evaluate::softmax(std::span(logits).subspan(i * classes, classes), temperature);
    probabilities.insert(probabilities.end(), row.begin(), row.end());
  }
  const evaluate::Fitted fitted{temperature,
                                evaluate::conformal_scores(probabilities, truth, classes),
                                {},
                                static_cast<std::int64_t>(truth.size())};
  weights::Manifest manifest = weights::load_manifest(model);
  manifest.json["calibration"] = evaluate::calibration_json(fitted, set.classes);
  weights::write_manifest(model, manifest);
}

}  // namespace thorax::pipeline
