#include "pipeline/ct_slabs.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "findings/slab_decision.h"
#include "pipeline/installed.h"
#include "pipeline/model_input.h"

namespace thorax::pipeline {
namespace {

using engine::Tensor;

constexpr const char* kSlabTask = "ct-slab-classification";
constexpr const char* kVolumeTask = "ct-volume-classification";
constexpr std::size_t kSlabsAtATime = 8;

[[noreturn]] void misfit(const weights::Manifest& manifest, const std::string& detail) {
  throw Error("bad_model"_code, {{"path", manifest.name + "/model.json"}, {"detail", detail}});
}

double sigmoid(double logit) {
  return 1 / (1 + std::exp(-logit));
}

/// One logit, or one of normal and one of pathology.
double probability(const weights::Manifest& manifest, const std::vector<float>& logits) {
  if (logits.size() == 1) return sigmoid(double{logits[0]});
  if (logits.size() != 2) misfit(manifest, "one or two outputs are needed for a second opinion");
  return sigmoid(double{logits[1]} - double{logits[0]});
}

/// Whether a network over volumes answers the question of a second opinion.
bool says_pathology(const weights::Manifest& manifest) {
  const auto classes = manifest.config.value("classes", std::int64_t{0});
  return manifest.task == kVolumeTask && (classes == 1 || classes == 2);
}

prepare::CtBlockOptions block_of(const LearnedModel& network) {
  return block_options(network.manifest, network.runner->describe().function({}));
}

}  // namespace

SlabUse slab_use(const weights::Manifest& manifest) {
  try {
    const nlohmann::json& series = manifest.json.at("series");
    SlabUse use;
    const auto input = series.at("input").get<std::string>();
    if (input != "packs" && input != "slabs") misfit(manifest, "series.input: " + input);
    use.packs = input == "packs";
    use.slabs.neighbours = series.at("neighbours").get<int>();
    use.slabs.windows.clear();
    for (const nlohmann::json& window : series.at("windows"))
      use.slabs.windows.push_back({window.at(0).get<double>(), window.at(1).get<double>()});
    use.step = series.at("step").get<int>();
    use.share = series.at("share").get<double>();
    use.band.low = series.at("band").at(0).get<double>();
    use.band.high = series.at("band").at(1).get<double>();
    if (use.step < 1 || !(use.share > 0 && use.share <= 1) || use.band.low > use.band.high)
      misfit(manifest, "series: step >= 1, 0 < share <= 1, band [low, high]");
    return use;
  } catch (const nlohmann::json::exception& error) {
    misfit(manifest, std::string("series: ") + error.what());
  }
}

CtSlabs::CtSlabs(LearnedModel network, LearnedModel second)
    : network_(std::move(network)), second_(std::move(second)), use_(slab_use(network_.manifest)) {
  const std::vector<std::int64_t>& shape =
      network_.runner->describe().function({}).inputs.at(0).shape;
  const auto channels = static_cast<std::int64_t>(
      use_.slabs.windows.size() *
      (use_.packs ? static_cast<std::size_t>(use_.slabs.neighbours) : std::size_t{1}));
  if (shape.size() != 4 || shape[1] != channels)
    misfit(network_.manifest, "series: " + std::to_string(channels) +
                                  " channels for a network of " +
                                  std::to_string(shape.size() > 1 ? shape[1] : 0));
  use_.slabs.size = static_cast<int>(shape[2]);
  if (second_.runner) block_of(second_);
}

CtSlabs CtSlabs::load(const ModelOptions& options) {
  std::optional<InstalledNetwork> slabs, volumes;
  if (options.ct_network == "none") return {};
  for (InstalledNetwork& network : installed_networks(options)) {
    const std::string& task = network.manifest.task;
    const bool meant =
        options.ct_network == "auto" || network.folder.filename() == options.ct_network;
    if (!slabs && task == kSlabTask && meant)
      slabs = std::move(network);
    else if (!volumes && says_pathology(network.manifest))
      volumes = std::move(network);
  }
  if (!slabs) return {};
  const auto load = [&](std::optional<InstalledNetwork>& network) {
    return network ? load_network(std::move(*network), options) : LearnedModel{};
  };
  return {load(slabs), load(volumes)};
}

std::uint64_t CtSlabs::working_bytes() const {
  return std::max(pipeline::working_bytes(network_, kSlabsAtATime),
                  pipeline::working_bytes(second_, 1));
}

std::vector<report::Provenance::Model> CtSlabs::models() const {
  std::vector<report::Provenance::Model> models;
  for (const LearnedModel* model : {&network_, &second_})
    if (model->runner)
      models.push_back({model->manifest.name, model->manifest.version, model->manifest.sha256});
  return models;
}

std::vector<double> CtSlabs::scores(const volume::CtVolume& hu, const Progress& progress) const {
  const int depth = hu.shape().z;
  std::vector<int> slices;
  if (use_.packs)
    slices = prepare::pack_anchors(depth, use_.step);
  else
    for (int z = 0; z < depth; z += use_.step) slices.push_back(z);
  std::vector<double> scores;
  for (std::size_t first = 0; first < slices.size(); first += kSlabsAtATime) {
    progress.report("networks", static_cast<double>(first) / static_cast<double>(slices.size()));
    const std::vector<int> part(slices.begin() + static_cast<std::ptrdiff_t>(first),
                                slices.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                     first + kSlabsAtATime, slices.size())));
    const prepare::NetworkInput input =
        use_.packs ? prepare::prepare_packs(
                         hu, part, {use_.slabs.neighbours, use_.slabs.size, use_.slabs.windows})
                   : prepare::prepare_slabs(hu, part, use_.slabs);
    Tensor batch;
    batch.shape = input.shape;
    batch.strides = weights::row_major_strides(batch.shape);
    batch.data = reinterpret_cast<const std::byte*>(input.values.get());
    batch.owner = input.values;
    for (const float logit : network_.runner->run({batch}).at(0).to_float())
      scores.push_back(sigmoid(double{logit}));
  }
  return scores;
}

double CtSlabs::second_opinion(const volume::CtVolume& hu) const {
  const engine::FunctionInfo& function = second_.runner->describe().function({});
  const prepare::NetworkInput block = prepare::prepare_ct_block(hu, block_of(second_));
  const Tensor volume = repeated(block, function.inputs.at(0).shape.at(1));
  return probability(second_.manifest, second_.runner->run({volume}).at(0).to_float());
}

findings::NetworkOpinion CtSlabs::judge(const volume::CtVolume& hu,
                                        const Progress& progress) const {
  const std::vector<double> slabs = scores(hu, progress);
  findings::SeriesScore series;
  series.slabs = static_cast<int>(slabs.size());
  series.first = findings::top_share_score(slabs, use_.share);
  series.band = use_.band;
  std::function<double()> ask;
  if (second_.runner)
    ask = [&] {
      series.second_model = second_.manifest.name;
      return series.second = second_opinion(hu);
    };
  findings::NetworkOpinion opinion;
  opinion.model = network_.manifest.name;
  opinion.probability = findings::answer_in_band(series.first, use_.band, ask).score;
  const auto thresholds = network_.manifest.json.value("thresholds", std::vector<double>());
  if (!thresholds.empty()) opinion.threshold = thresholds.front();
  opinion.series = series;
  opinion.decides = network_.manifest.json.value("verdict", "beside") == "decides";
  return opinion;
}

}  // namespace thorax::pipeline
