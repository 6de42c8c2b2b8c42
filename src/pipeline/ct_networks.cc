#include "pipeline/ct_networks.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "pipeline/model_input.h"
#include "prepare/wordpiece.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;
using engine::Tensor;

constexpr const char* kEmbedding = "embedding";
constexpr const char* kVocabulary = "vocab.txt";

constexpr const char* kWholeVolumes = "ct-volume-classification";
constexpr const char* kSlabs = "ct-slab-classification";

bool is_for_ct(const weights::Manifest& manifest) {
  return manifest.task == "ct-embedding" || manifest.task == "ct-findings";
}

/// Networks over slabs ask those over whole volumes for a second opinion; these speak for
/// themselves where there are none.
bool slabs_are_among(const std::vector<weights::FoundModel>& found) {
  return std::ranges::any_of(found, [](const weights::FoundModel& model) {
    const auto manifest = network_manifest(model);
    return manifest && manifest->task == kSlabs;
  });
}

/// The classes that CT-CLIP was asked about (Hamamci et al., arXiv 2403.17834), unless the manifest
/// has labels of its own.
std::vector<std::string> prompt_classes(const weights::Manifest& manifest,
                                        const findings::Scorecard& scorecard) {
  if (!manifest.labels.empty()) return manifest.labels;
  constexpr std::size_t kClipClasses = 18;
  std::vector<std::string> classes;
  for (const findings::ScoredClass& c : scorecard.classes)
    if (classes.size() < kClipClasses) classes.push_back(c.id);
  return classes;
}

std::vector<double> thresholds(const weights::Manifest& manifest) {
  return manifest.json.value("thresholds", std::vector<double>());
}

/// What a fitted head's logits are divided by.
double temperature(const weights::Manifest& manifest) {
  return manifest.json.value("calibration", nlohmann::json::object()).value("temperature", 1.0);
}

/// Two logits are normal and pathology, unless each class has a threshold of its own.
bool is_binary(const weights::Manifest& manifest, std::size_t logits) {
  return logits == 2 && thresholds(manifest).size() < 2;
}

}  // namespace

CtNetworks CtNetworks::load(const ModelOptions& options, const findings::Scorecard& scorecard) {
  CtNetworks networks;
  if (options.ct_network == "none") return networks;
  const auto places = weights::model_places(options.folder);
  const std::vector<weights::FoundModel> found = weights::list_models(places);
  const bool alone = !slabs_are_among(found);
  for (const weights::FoundModel& model : found) {
    if (options.ct_network != "auto" && model.name != options.ct_network) continue;
    auto manifest = network_manifest(model);
    if (!manifest || !(is_for_ct(*manifest) || (alone && manifest->task == kWholeVolumes)))
      continue;
    networks.encoder_ = load_network(std::move(*manifest), model.folder, run_options(options));
    if (networks.encoder_.manifest.labels.empty() &&
        networks.encoder_.manifest.task == "ct-findings")
      networks.encoder_.manifest.labels = prompt_classes(networks.encoder_.manifest, scorecard);
    if (fs::exists(model.folder / kVocabulary)) {
      networks.prompt_classes_ = prompt_classes(networks.encoder_.manifest, scorecard);
      networks.embed_prompts(model.folder);
    }
    break;
  }
  if (networks.empty()) return networks;
  for (const weights::FoundModel& model : found) {
    auto manifest = network_manifest(model);
    if (manifest && manifest->json.value(kEmbedding, "") == networks.encoder_.manifest.name)
      networks.heads_.push_back(
          load_network(std::move(*manifest), model.folder, run_options(options)));
  }
  return networks;
}

void CtNetworks::embed_prompts(const fs::path& folder) {
  std::vector<std::string> prompts;
  for (const std::string& name : prompt_classes_) {
    prompts.push_back(name + " is present.");
    prompts.push_back(name + " is not present.");
  }
  constexpr std::size_t kLongest = 512;
  const prepare::WordPiece::Batch batch =
      prepare::WordPiece::read(folder / kVocabulary).encode(prompts, kLongest, /*trim=*/true);
  const std::vector<std::int64_t> shape{static_cast<std::int64_t>(prompts.size()),
                                        static_cast<std::int64_t>(batch.length)};
  prompts_ = encoder_.runner
                 ->run({weights::make_index_tensor(shape, batch.ids),
                        weights::make_index_tensor(shape, batch.mask)},
                       "text")
                 .at(0)
                 .to_float();
}

std::vector<report::Provenance::Model> CtNetworks::models() const {
  std::vector<report::Provenance::Model> models;
  const auto add = [&](const weights::Manifest& manifest) {
    models.push_back({manifest.name, manifest.version, manifest.sha256});
  };
  if (!empty()) add(encoder_.manifest);
  for (const LearnedModel& head : heads_) add(head.manifest);
  return models;
}

findings::NetworkOpinion CtNetworks::judge_logits(const weights::Manifest& manifest,
                                                  std::vector<float> logits,
                                                  const findings::Scorecard& scorecard) const {
  findings::NetworkOpinion opinion;
  if (is_binary(manifest, logits.size())) {
    for (float& logit : logits) logit = static_cast<float>(double{logit} / temperature(manifest));
    opinion = findings::judge_pathology(manifest.name, logits);
    if (const std::vector<double> own = thresholds(manifest); own.size() == 1)
      opinion.threshold = own.front();
  } else {
    opinion = findings::judge_findings(manifest.name, logits, manifest.labels, thresholds(manifest),
                                       scorecard);
  }
  opinion.decides = manifest.json.value("verdict", "beside") == "decides";
  return opinion;
}

findings::NetworkOpinion CtNetworks::judge_prompts(const Tensor& embedding,
                                                   const findings::Scorecard& scorecard) const {
  std::vector<float> image = embedding.to_float();
  normalise(image);
  std::vector<double> similarity;
  for (std::size_t row = 0; row < prompts_.size(); row += image.size()) {
    double sum = 0;
    for (std::size_t i = 0; i < image.size(); ++i)
      sum += double{image[i]} * double{prompts_[row + i]};
    similarity.push_back(sum);
  }
  std::vector<double> scores;  // softmax over "present" and "not present"
  for (std::size_t i = 0; i + 1 < similarity.size(); i += 2)
    scores.push_back(1 / (1 + std::exp(similarity[i + 1] - similarity[i])));
  return findings::judge_probabilities(encoder_.manifest.name, scores, prompt_classes_,
                                       thresholds(encoder_.manifest), scorecard);
}

CtNetworks::Judged CtNetworks::judge(const volume::CtVolume& hu,
                                     const findings::Scorecard& scorecard,
                                     const Progress& progress) const {
  Judged judged;
  std::vector<findings::NetworkOpinion>& opinions = judged.opinions;
  if (empty()) return judged;
  progress.report("networks", 0);
  const engine::FunctionInfo& function = encoder_.runner->describe().function({});
  const prepare::CtBlockOptions block = volume_block(encoder_.manifest, function);
  const std::vector<Tensor> out = encoder_.runner->run(
      {repeated(prepare::prepare_ct_block(hu, block), function.inputs.at(0).shape.at(1))},
      function.name);
  progress.report("networks", 0.9);
  // The embedding is the only output, or follows the logits of a network with a classifier.
  const Tensor& embedding = out.back();
  if (encoder_.manifest.task == kWholeVolumes)
    opinions.push_back(judge_logits(encoder_.manifest, out.front().to_float(), scorecard));
  else if (out.size() > 1)
    opinions.push_back(findings::judge_findings(encoder_.manifest.name, out.front().to_float(),
                                                encoder_.manifest.labels,
                                                thresholds(encoder_.manifest), scorecard));
  else if (!prompts_.empty())
    opinions.push_back(judge_prompts(embedding, scorecard));
  for (const LearnedModel& head : heads_)
    opinions.push_back(
        judge_logits(head.manifest, head.runner->run({embedding}).at(0).to_float(), scorecard));
  if (function.outputs.back().name == kEmbedding)
    judged.embedding = case_embedding(encoder_.manifest, embedding.to_float());
  return judged;
}

}  // namespace thorax::pipeline
