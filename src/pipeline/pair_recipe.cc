// Training of CT-CLIP: volumes and their reports.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <sstream>

#include "base/error.h"
#include "base/files.h"
#include "learn/table.h"
#include "pipeline/embedding_index.h"
#include "pipeline/model_input.h"
#include "pipeline/training_run.h"
#include "pipeline/volume_recipe.h"
#include "prepare/wordpiece.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;
using learn::Split;
using nlohmann::json;

constexpr const char* kVocabulary = "vocab.txt";  // the name that readers of the model look for

[[noreturn]] void refuse(const char* option, const std::string& value, const std::string& hint) {
  throw Error("bad_option"_code, {{"option", option}, {"value", value}, {"hint", hint}});
}

/// How many of the texts are at least as similar to a volume as its own, for each volume.
std::vector<std::size_t> ranks(const std::vector<std::vector<float>>& volumes,
                               const std::vector<std::vector<float>>& texts) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < volumes.size(); ++i) {
    std::vector<double> similarity;
    for (const std::vector<float>& text : texts) {
      double sum = 0;
      for (std::size_t k = 0; k < text.size(); ++k) sum += double{volumes[i][k]} * double{text[k]};
      similarity.push_back(sum);
    }
    found.push_back(static_cast<std::size_t>(
        std::ranges::count_if(similarity, [&](double one) { return one >= similarity[i]; })));
  }
  return found;
}

double share_within(const std::vector<std::size_t>& ranks, std::size_t most) {
  const auto within = std::ranges::count_if(ranks, [&](std::size_t rank) { return rank <= most; });
  return static_cast<double>(within) / static_cast<double>(ranks.size());
}

class PairRecipe final : public VolumeRecipe {
 public:
  explicit PairRecipe(const learn::Options& training)
      : training_(training),
        config_(object_option("network.config", training.network.config)),
        preparation_(object_option("data.preparation", training.data.preparation)) {
    if (training.training.loss != "contrastive")
      refuse("training.loss", training.training.loss, "contrastive");
    // Texts are told apart from those of the same batch, so it must not be cut into pieces.
    const auto& t = training.training;
    if (t.parts != 1) refuse("training.parts", std::to_string(t.parts), "1");
    if (t.accumulate != 1) refuse("training.accumulate", std::to_string(t.accumulate), "1");
    if (t.processes != 1) refuse("training.processes", std::to_string(t.processes), "1");
    if (t.batch < 2) refuse("training.batch", std::to_string(t.batch), "2 …");
    if (fs::path(training.data.vocabulary).filename() != kVocabulary)
      refuse("data.vocabulary", training.data.vocabulary, kVocabulary);
    weights::Manifest manifest;
    manifest.name = training.run.name;
    manifest.json["preprocessing"] = preparation_;
    engine::FunctionInfo function;
    function.inputs = {{"volume",
                        weights::DType::f32,
                        {-1, 1, config_.value("image_depth", 240),
                         config_.value("image_height", 480), config_.value("image_width", 480)}}};
    block_ = block_options(manifest, function);
  }

  StudyNeeds needs() const override { return {.texts = true}; }
  std::string how() const override {
    return preparation_.dump() + std::to_string(block_.shape[0]) + ' ' +
           std::to_string(block_.shape[1]) + ' ' + std::to_string(block_.shape[2]);
  }

  weights::StateDict prepare(const volume::CtVolume& hu,
                             const volume::CtVolume& /*outlines*/) const override {
    return learn::keep_block(prepare::prepare_ct_block(hu, block_));
  }

  void take(VolumeData& data) override {
    const prepare::WordPiece words = prepare::WordPiece::read(training_.data.vocabulary);
    for (const std::string& text : data.texts)
      data.set.words.push_back(words.encode(text, static_cast<std::size_t>(training_.data.words)));
    vocabulary_ = words.size();
  }

  json network_config(const learn::VolumeSet& /*set*/) const override {
    json config = config_;
    if (config.value("text_vocabulary", vocabulary_) < vocabulary_)
      refuse("network.config", training_.network.config,
             "text_vocabulary >= " + std::to_string(vocabulary_));
    config["text_vocabulary"] = config.value("text_vocabulary", vocabulary_);
    return config;
  }

  std::vector<std::string> classes(const learn::VolumeSet& /*set*/) const override { return {}; }

  std::unique_ptr<learn::Batches> batches(const learn::VolumeSet& set,
                                          const std::vector<Split>& splits) const override {
    return std::make_unique<learn::BlockBatches>(set, splits, training_, 1);
  }

  NewModel model() const override {
    return {"ct-embedding", {{"preprocessing", preparation_}}, {training_.data.vocabulary}};
  }

  void evaluate(const fs::path& run, const fs::path& model, const learn::VolumeSet& set,
                const std::vector<Split>& splits) const override;

 private:
  const learn::Options& training_;
  json config_, preparation_;
  prepare::CtBlockOptions block_;
  std::size_t vocabulary_ = 0;
};

/// retrieval.csv: how well each volume of a split finds its own report among those of the split.
void PairRecipe::evaluate(const fs::path& run, const fs::path& model, const learn::VolumeSet& set,
                          const std::vector<Split>& splits) const {
  engine::RunOptions wanted;
  wanted.threads = training_.training.threads;
  const std::unique_ptr<engine::Runner> network = engine::load(model, wanted);
  const learn::BlockBatches batches(set, splits, training_, 1);
  weights::Manifest manifest = weights::load_manifest(model);
  std::string csv = "study_id,patient_id,split,rank,among\n";
  std::ostringstream card;
  card << "# " << manifest.name << ' ' << manifest.version
       << "\n\n**For research use only.** Not a medical device. Written by `thorax train`.\n\n"
          "A pair of encoders, of chest CT and of reports, whose embeddings of what belongs "
          "together "
          "point the same way (`"
       << manifest.network << "`, " << manifest.json.at("parameters")
       << " parameters). Licence of the weights: "
       << (manifest.licence.empty() ? "*not stated*" : manifest.licence)
       << ".\n\nSplit by patient. SHA-256 of the data: `"
       << manifest.json.at("trained").at("data_sha256").get<std::string>()
       << "`.\n\n## How well it does\n\nThe share of volumes whose own report is the most similar, "
          "or among the five most similar, of all reports of the split. The validation split chose "
          "the epoch.\n\n| split | pairs | first | first five | by chance |\n| --- | --- | --- | "
          "--- "
          "| --- |\n";
  for (const Split split : {Split::validation, Split::test}) {
    std::vector<std::vector<float>> volumes, texts;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < set.count(); ++i) {
      if (splits[i] != split) continue;
      places.push_back(i);
      volumes.push_back(network->run({batches.inputs(std::vector{i})}, "image").front().to_float());
      normalise(volumes.back());
      const std::vector<std::int64_t>& ids = set.words[i];
      const std::vector<std::int64_t> shape{1, static_cast<std::int64_t>(ids.size())};
      texts.push_back(
          network
              ->run({weights::make_index_tensor(shape, ids),
                     weights::make_index_tensor(shape, std::vector<std::int64_t>(ids.size(), 1))},
                    "text")
              .front()
              .to_float());
    }
    if (places.empty()) continue;
    const std::vector<std::size_t> found = ranks(volumes, texts);
    for (std::size_t i = 0; i < places.size(); ++i)
      csv += learn::table_field(set.ids[places[i]]) + ',' +
             learn::table_field(set.patients[places[i]]) + ',' + learn::to_string(split) + ',' +
             std::to_string(found[i]) + ',' + std::to_string(places.size()) + '\n';
    const double first = share_within(found, 1), five = share_within(found, 5);
    manifest.json["metrics"][learn::to_string(split)] = {
        {"pairs", places.size()}, {"first", first}, {"first_five", five}};
    std::array<char, 96> line{};
    std::snprintf(line.data(), line.size(), " | %zu | %.4f | %.4f | %.4f |\n", places.size(), first,
                  five, 1 / static_cast<double>(places.size()));
    card << "| " << learn::to_string(split) << line.data();
  }
  write_file(run / "retrieval.csv", csv);
  weights::write_manifest(model, manifest);
  write_file(model / "CARD.md", card.str());
}

}  // namespace

std::unique_ptr<VolumeRecipe> pair_recipe(const learn::Options& training) {
  return std::make_unique<PairRecipe>(training);
}

}  // namespace thorax::pipeline
