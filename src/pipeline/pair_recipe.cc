// Training of CT-CLIP: volumes and their reports.
#include "base/error.h"
#include "pipeline/embedding_index.h"
#include "pipeline/model_input.h"
#include "pipeline/retrieval.h"
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
  Retrieval retrieval;
  for (const Split split : {Split::validation, Split::test}) {
    std::vector<std::vector<float>> volumes, texts;
    std::vector<std::string> names, patients;
    for (std::size_t i = 0; i < set.count(); ++i) {
      if (splits[i] != split) continue;
      names.push_back(set.ids[i]);
      patients.push_back(set.patients[i]);
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
    retrieval.add(split, names, patients, volumes, texts);
  }
  retrieval.write(run, model,
                  {"A pair of encoders, of chest CT and of reports, whose embeddings of what "
                   "belongs together point the same way",
                   "pairs",
                   "volumes whose own report is the most similar, or among the five most similar, "
                   "of all reports of the split."});
}

}  // namespace

std::unique_ptr<VolumeRecipe> pair_recipe(const learn::Options& training) {
  return std::make_unique<PairRecipe>(training);
}

}  // namespace thorax::pipeline
