#include "pipeline/ct_segmentation.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/memory.h"
#include "pipeline/installed.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;
using engine::Tensor;
using prepare::Grid;
using prepare::Window;

constexpr const char* kSegmentationTask = "ct-segmentation";
constexpr const char* kWriterTask = "ct-report";
constexpr const char* kWordsFile = "vocab.json";
constexpr const char* kMergesFile = "merges.txt";
constexpr const char* kWrite = "write";
constexpr std::int64_t kMostClasses = 256;  // labels have 8 bits

[[noreturn]] void misfit(const weights::Manifest& manifest, const std::string& detail) {
  throw Error("bad_model"_code, {{"path", manifest.name + "/model.json"}, {"detail", detail}});
}

std::string organ_name(const weights::Manifest& manifest, std::size_t label) {
  if (label < manifest.labels.size()) return manifest.labels[label];
  return "class " + std::to_string(label);
}

report::OrganVolumes measure(const volume::Labels& labels, const weights::Manifest& manifest,
                             std::size_t classes) {
  std::vector<std::size_t> voxels(kMostClasses);
  for (const std::uint8_t label : labels.voxels()) ++voxels[label];
  report::OrganVolumes organs;
  organs.model = manifest.name;
  const volume::Grid& grid = labels.grid();
  const double ml = grid.spacing.x * grid.spacing.y * grid.spacing.z / 1000;
  for (std::size_t label = 1; label < classes; ++label)
    organs.organs.push_back({static_cast<int>(label), organ_name(manifest, label),
                             static_cast<double>(voxels[label]) * ml});
  return organs;
}

/// A window of the volume, and behind it, for two channels, the whole of it in a window's size.
class WindowInput {
 public:
  WindowInput(const prepare::SegmentationVolume& volume, const prepare::SlidingPlan& plan,
              std::int64_t channels)
      : volume_(volume), plan_(plan), channels_(channels) {
    if (channels < 2) return;
    whole_.resize(static_cast<std::size_t>(prepare::count_of(plan.window())));
    prepare::resize_trilinear(volume.values(), volume.size(), plan.window(), whole_);
  }
  Tensor operator()(const Window& window) const {
    const Grid size = plan_.window();
    std::vector<float> values(static_cast<std::size_t>(prepare::count_of(size)));
    plan_.extract(volume_.values(), window, 0, values);
    values.insert(values.end(), whole_.begin(), whole_.end());
    return weights::make_tensor({1, channels_, size[0], size[1], size[2]}, values);
  }

 private:
  const prepare::SegmentationVolume& volume_;
  const prepare::SlidingPlan& plan_;
  std::int64_t channels_;
  std::vector<float> whole_;
};

std::vector<float> in_order(const prepare::SlidingPlan& plan,
                            const std::map<Grid, std::vector<float>>& embeddings) {
  std::vector<float> values;
  for (const Grid& start : plan.visits()) {
    const std::vector<float>& one = embeddings.at(start);
    values.insert(values.end(), one.begin(), one.end());
  }
  return values;
}

}  // namespace

SegmentationUse segmentation_use(const weights::Manifest& manifest) {
  try {
    SegmentationUse use;
    const nlohmann::json& volume = manifest.json.at("preprocessing");
    use.volume.spacing = volume.at("spacing_mm").get<std::array<double, 3>>();
    use.volume.low = volume.at("low").get<double>();
    use.volume.high = volume.at("high").get<double>();
    use.volume.padded_to = volume.at("padded_to").get<std::array<int, 3>>();
    const nlohmann::json& sliding = manifest.json.at("sliding");
    use.sliding.overlap = sliding.at("overlap").get<double>();
    use.sliding.repeat_last = sliding.at("repeat_last").get<bool>();
    const auto blend = sliding.at("blend").get<std::string>();
    const auto blended = sliding.at("blended").get<std::string>();
    if (blend != "constant" && blend != "gaussian") misfit(manifest, "sliding.blend: " + blend);
    if (blended != "logits" && blended != "probabilities")
      misfit(manifest, "sliding.blended: " + blended);
    use.sliding.blend =
        blend == "constant" ? prepare::WindowBlend::constant : prepare::WindowBlend::gaussian;
    use.blended =
        blended == "logits" ? engine::BlendedValue::logits : engine::BlendedValue::probabilities;
    return use;
  } catch (const nlohmann::json::exception& error) {
    misfit(manifest, error.what());
  }
}

CtSegmentation::CtSegmentation(LearnedModel network, LearnedModel writer,
                               std::optional<prepare::ByteBpe> words)
    : network_(std::move(network)),
      writer_(std::move(writer)),
      use_(segmentation_use(network_.manifest)),
      words_(std::move(words)) {
  const engine::Description& model = network_.runner->describe();
  use_.sliding.window = engine::segmentation_window(model);
  const std::int64_t classes = engine::segmentation_classes(model),
                     channels = model.function({}).inputs.at(0).shape.at(1);
  if (classes > kMostClasses) misfit(network_.manifest, std::to_string(classes) + " classes");
  if (channels != 1 && channels != 2)
    misfit(network_.manifest, std::to_string(channels) + " input channels");
}

CtSegmentation CtSegmentation::load(const ModelOptions& options) {
  auto network = choose_network(options, options.ct_segmentation, kSegmentationTask);
  if (!network) return {};
  auto writer = choose_network(options, "auto", kWriterTask);
  if (!writer) return {load_network(std::move(*network), options), {}, {}};
  const fs::path words = writer->folder / kWordsFile, merges = writer->folder / kMergesFile;
  std::optional<prepare::ByteBpe> tokens;
  if (fs::exists(words) && fs::exists(merges)) tokens = prepare::ByteBpe::read(words, merges);
  return {load_network(std::move(*network), options), load_network(std::move(*writer), options),
          std::move(tokens)};
}

std::uint64_t CtSegmentation::working_bytes() const {
  return std::max(pipeline::working_bytes(network_, 1), pipeline::working_bytes(writer_, 1));
}

std::vector<report::Provenance::Model> CtSegmentation::models() const {
  std::vector<report::Provenance::Model> models;
  for (const LearnedModel* model : {&network_, &writer_})
    if (model->runner)
      models.push_back({model->manifest.name, model->manifest.version, model->manifest.sha256});
  return models;
}

CtSegmentation::Seen CtSegmentation::look(const volume::CtVolume& hu,
                                          const findings::Scorecard& scorecard,
                                          const Progress& progress) const {
  return_freed_memory();  // what the measurements left: a window takes the most of an analysis
  const engine::Description& model = network_.runner->describe();
  const prepare::SegmentationVolume volume(hu, use_.volume);
  const prepare::SlidingPlan plan(volume.size(), use_.sliding);
  std::vector<std::uint8_t> labels(static_cast<std::size_t>(prepare::count_of(volume.size())));
  Visited embeddings;
  engine::SegmentationSteps steps;
  steps.scores = [&](const Grid& first, const Tensor& scores) {
    engine::take_best(scores, first, volume.size(), labels);
  };
  run(volume, plan, std::move(steps), writer_.runner ? &embeddings : nullptr, progress);

  Seen seen;
  seen.labels = volume.to_ct(labels);
  seen.organs = measure(seen.labels, network_.manifest,
                        static_cast<std::size_t>(engine::segmentation_classes(model)));
  if (!embeddings.empty()) write(in_order(plan, embeddings), scorecard, seen);
  return seen;
}

CtSegmentation::Patches CtSegmentation::patches(const volume::CtVolume& hu) const {
  const prepare::SegmentationVolume volume(hu, use_.volume);
  const prepare::SlidingPlan plan(volume.size(), use_.sliding);
  Visited embeddings;
  engine::SegmentationSteps steps;
  steps.scores = [](const Grid&, const Tensor&) {};
  run(volume, plan, std::move(steps), &embeddings, {});
  if (embeddings.empty()) misfit(network_.manifest, "it has no embeddings of windows");
  return {in_order(plan, embeddings), static_cast<std::int64_t>(plan.visits().size())};
}

void CtSegmentation::run(const prepare::SegmentationVolume& volume,
                         const prepare::SlidingPlan& plan, engine::SegmentationSteps steps,
                         Visited* embeddings, const Progress& progress) const {
  const std::int64_t channels = network_.runner->describe().function({}).inputs.at(0).shape.at(1);
  steps.input = WindowInput(volume, plan, channels);
  if (embeddings)
    steps.embedding = [&](const Window& window, const Tensor& value) {
      (*embeddings)[window.start] = value.to_float();
    };
  engine::segment(*network_.runner, plan, use_.blended, steps, progress);
}

void CtSegmentation::write(const std::vector<float>& embeddings,
                           const findings::Scorecard& scorecard, Seen& seen) const {
  const engine::FunctionInfo& function =
      writer_.runner->describe().function(words_ ? kWrite : "logits");
  const std::int64_t width = function.inputs.at(0).shape.at(2);
  const auto values = static_cast<std::int64_t>(embeddings.size());
  if (width <= 0 || values % width != 0)
    misfit(writer_.manifest, "it reads embeddings of " + std::to_string(width) + " values");
  const std::vector<Tensor> out = writer_.runner->run(
      {weights::make_tensor({1, values / width, width}, embeddings)}, function.name);
  std::vector<std::string> labels = writer_.manifest.labels;
  const std::vector<float> logits = out.back().to_float();
  // Without labels of its own: those of CT-RATE, with which the published system was trained.
  for (const findings::ScoredClass& known : scorecard.classes)
    if (writer_.manifest.labels.empty() && labels.size() < logits.size())
      labels.push_back(known.id);
  seen.opinion = findings::judge_findings(
      writer_.manifest.name, logits, labels,
      writer_.manifest.json.value("thresholds", std::vector<double>()), scorecard);
  if (!words_) return;
  const Tensor tokens = out.front().packed();
  const auto* const ids = reinterpret_cast<const std::int64_t*>(tokens.data);
  seen.draft = report::ReportDraft{
      writer_.manifest.name, words_->decode(std::vector<std::int64_t>(ids, ids + tokens.count()))};
}

}  // namespace thorax::pipeline
