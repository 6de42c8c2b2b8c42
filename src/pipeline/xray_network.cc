#include "pipeline/xray_network.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "pipeline/installed.h"

namespace thorax::pipeline {
namespace {

constexpr const char* kTask = "xray-classification";
constexpr const char* kLogits = "logits";

std::vector<double> finite(const std::vector<float>& values, const std::string& model) {
  if (!std::ranges::all_of(values, [](float value) { return std::isfinite(value); }))
    throw Error("no_numbers"_code, {{"name", model}});
  return {values.begin(), values.end()};
}

/// Empty from networks that make none.
std::vector<float> features_of(engine::Runner& runner, const prepare::NetworkInput& input) {
  const engine::Description& network = runner.describe();
  const auto output = find_output(network, ModelNovelty::kFeatures);
  // An ONNX file's first output stands for any name.
  if (!output || output->function.outputs.at(output->output).name != ModelNovelty::kFeatures)
    return {};
  return run_batch_of(runner, *output, {input}).at(0);
}

}  // namespace

XrayNetwork::XrayNetwork(LearnedModel network, findings::PictureModel model,
                         std::optional<ModelNovelty> novelty)
    : model_(std::move(model)), loaded_(std::make_shared<Loaded>()) {
  loaded_->network = std::move(network);
  loaded_->novelty = std::move(novelty);
}

XrayNetwork XrayNetwork::choose(const ModelOptions& options) {
  if (options.xray == "none") return {};
  for (InstalledNetwork& found : installed_networks(options)) {
    weights::Manifest& manifest = found.manifest;
    const bool named = found.folder.filename() == options.xray;
    if (!named && options.xray != "auto") continue;
    std::optional<findings::PictureModel> model;
    if (manifest.task == kTask)
      model = findings::picture_model(manifest.name, manifest.labels, manifest.json);
    if (!model && !named) continue;
    if (!model)
      throw Error("bad_model"_code, {{"path", (found.folder / "model.json").string()},
                                     {"detail", std::string("task: ") + kTask + ", normal"}});
    XrayNetwork network(LearnedModel{std::move(manifest), nullptr}, std::move(*model));
    network.loaded_->folder = found.folder;
    network.loaded_->run = run_options(options);
    return network;
  }
  if (options.xray == "auto") return {};
  throw Error("no_models"_code, {{"name", options.xray}, {"places", options.folder}});
}

std::uint64_t XrayNetwork::working_bytes() const {
  if (empty()) return 0;
  if (loaded_->network.runner) return pipeline::working_bytes(loaded_->network, kPicturesAtATime);
  const weights::Manifest& manifest = loaded_->network.manifest;
  std::uint64_t bytes = kPicturesAtATime * manifest.json.value("item_bytes", std::uint64_t{0});
  for (const weights::ModelFile& file : manifest.files) bytes += file.bytes;
  return bytes;
}

report::Provenance::Model XrayNetwork::provenance() const {
  const weights::Manifest& manifest = loaded_->network.manifest;
  return {manifest.name, manifest.version, manifest.sha256};
}

XrayAnswer XrayNetwork::judge(const volume::Image& image, bool stretched, bool heat_map,
                              const Progress& progress) const {
  LearnedModel& network = loaded_->network;
  progress.report("networks", 0);
  if (!network.runner) {
    network.runner = engine::load(loaded_->folder, loaded_->run);
    loaded_->novelty = ModelNovelty::load(loaded_->folder, network.manifest);
  }
  const std::string& name = network.manifest.name;
  const auto output = find_output(network.runner->describe(), kLogits);
  if (!output) throw Error("bad_tensors"_code, {{"detail", name + ": no " + kLogits}});
  const ModelInput maker(network.manifest, output->function);
  const prepare::NetworkInput input = maker.of(image, stretched);
  const auto logits_of = [&](const std::vector<prepare::NetworkInput>& inputs) {
    std::vector<std::vector<double>> rows;
    for (const std::vector<float>& row : run_batch_of(*network.runner, *output, inputs))
      rows.push_back(finite(row, name));
    return rows;
  };
  XrayAnswer answer;
  answer.logits = logits_of({input}).at(0);
  if (answer.logits.size() != model_.classes.size())
    throw Error("bad_tensors"_code, {{"detail", name + ": one logit a label was expected"}});
  std::vector<float> features = features_of(*network.runner, input);
  if (loaded_->novelty) answer.novelty = loaded_->novelty->of(features);
  answer.embedding = case_embedding(network.manifest, std::move(features));
  answer.seen = maker.seen(image, stretched);
  // What spoke for an answer that does not count is not worth the asking.
  if (!heat_map || (answer.novelty && answer.novelty->outside())) return answer;
  OcclusionOptions options = occlusion_of(network.runner->describe().parameters);
  options.batch = batch_size(*output, maker);
  const auto questions = static_cast<double>(options.questions());
  double asked = 0;
  answer.heat = occlusion_map(
      input, findings::pathology_log_odds(model_, answer.logits),
      [&](const std::vector<prepare::NetworkInput>& hidden) {
        progress.report("networks", 0.1 + 0.9 * asked / questions);
        asked += static_cast<double>(hidden.size());
        std::vector<double> scores;
        for (const std::vector<double>& row : logits_of(hidden))
          scores.push_back(findings::pathology_log_odds(model_, row));
        return scores;
      },
      options);
  return answer;
}

}  // namespace thorax::pipeline
