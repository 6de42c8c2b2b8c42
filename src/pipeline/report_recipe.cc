// Training of the head that finds and writes: findings, and a report in words, from what a
// segmentation network saw of a CT.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "base/error.h"
#include "base/files.h"
#include "engine/runner.h"
#include "evaluate/bleu.h"
#include "learn/report_batches.h"
#include "learn/table.h"
#include "pipeline/ct_segmentation.h"
#include "pipeline/training_run.h"
#include "pipeline/volume_recipe.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;
using learn::Split;
using nlohmann::json;

// The names that readers of the model look for.
constexpr const char* kWords = "vocab.json";
constexpr const char* kMerges = "merges.txt";
constexpr int kPositions = 1024;  // of the published BART

[[noreturn]] void refuse(const char* option, const std::string& value, const std::string& hint) {
  throw Error("bad_option"_code, {{"option", option}, {"value", value}, {"hint", hint}});
}

CtSegmentation backbone_of(const learn::Options& training) {
  const std::string& folder = training.network.backbone;
  if (folder.empty()) refuse("network.backbone", "", "ct-segmentation/");
  engine::RunOptions wanted;
  wanted.threads = training.training.threads;
  return {load_network(weights::load_manifest(folder), folder, wanted), {}, {}};
}

fs::path merges_of(const learn::Options& training) {
  return fs::path(training.data.vocabulary).parent_path() / kMerges;
}

std::int64_t width_of(const learn::VolumeSet& set) {
  return set.tensors.front().at(learn::kPatches).shape.back();
}

class ReportRecipe final : public VolumeRecipe {
 public:
  explicit ReportRecipe(const learn::Options& training)
      : training_(training),
        config_(object_option("network.config", training.network.config)),
        backbone_(backbone_of(training)),
        words_(prepare::ByteBpe::read(training.data.vocabulary, merges_of(training))) {
    const learn::TrainingOptions& t = training.training;
    if (t.loss != "report") refuse("training.loss", t.loss, "report");
    // A text's tokens count as their share of the batch's.
    if (t.processes != 1) refuse("training.processes", std::to_string(t.processes), "1");
    if (training.data.target != "each") refuse("data.target", training.data.target, "each");
    if (fs::path(training.data.vocabulary).filename() != kWords)
      refuse("data.vocabulary", training.data.vocabulary, kWords);
    if (const int most = config_.value("positions", kPositions); training.data.words > most)
      refuse("data.words", std::to_string(training.data.words), "2 … " + std::to_string(most));
  }

  StudyNeeds needs() const override { return {.labels = true, .texts = true}; }
  std::string how() const override { return "patches " + backbone_.manifest().sha256; }

  weights::StateDict prepare(const volume::CtVolume& hu,
                             const volume::CtVolume& /*outlines*/) const override {
    const CtSegmentation::Patches patches = backbone_.patches(hu);
    const auto values = static_cast<std::int64_t>(patches.values.size());
    return {{learn::kPatches,
             weights::make_tensor({patches.count, values / patches.count}, patches.values)}};
  }

  void take(VolumeData& data) override {
    for (const std::string& text : data.texts)
      data.set.words.push_back(words_.encode(text, static_cast<std::size_t>(training_.data.words)));
    texts_ = data.texts;
  }

  json network_config(const learn::VolumeSet& set) const override {
    json config = config_;
    config["findings"] = set.classes.size();
    config["embedding_size"] = width_of(set);
    const auto known = words_.size();
    if (config.value("vocabulary", known) < known)
      refuse("network.config", training_.network.config, "vocabulary >= " + std::to_string(known));
    config["vocabulary"] = config.value("vocabulary", known);
    return config;
  }

  std::vector<std::string> classes(const learn::VolumeSet& set) const override {
    return set.classes;
  }

  std::unique_ptr<learn::Batches> batches(const learn::VolumeSet& set,
                                          const std::vector<Split>& splits) const override {
    return std::make_unique<learn::ReportBatches>(set, splits, training_);
  }

  NewModel model() const override {
    const weights::Manifest& seen_by = backbone_.manifest();
    return {"ct-report",
            {{"backbone", {{"name", seen_by.name}, {"sha256", seen_by.sha256}}}},
            {training_.data.vocabulary, merges_of(training_)}};
  }

  void evaluate(const fs::path& run, const fs::path& model, const learn::VolumeSet& set,
                const std::vector<Split>& splits) const override;

 private:
  const learn::Options& training_;
  json config_;
  CtSegmentation backbone_;
  prepare::ByteBpe words_;
  std::vector<std::string> texts_;  ///< of the studies
};

/// What the model writes of studies, and what was written of them.
struct Written {
  std::vector<std::string> texts, references;
};

/// Findings as every recipe with questions has them; and reports.csv, what the model writes of the
/// studies that were kept back, by itself: not of one that is told the words before each word.
void ReportRecipe::evaluate(const fs::path& run, const fs::path& model, const learn::VolumeSet& set,
                            const std::vector<Split>& splits) const {
  engine::RunOptions wanted;
  wanted.threads = training_.training.threads;
  const std::unique_ptr<engine::Runner> network = engine::load(model, wanted);
  std::map<Split, Written> written;
  std::string csv = "study_id,patient_id,split,report,written\n";
  evaluate_cases(run, model, training_, set, splits, [&](const std::vector<std::size_t>& places) {
    std::vector<float> logits;
    for (const std::size_t place : places) {
      const weights::Tensor& patches = set.tensors[place].at(learn::kPatches);
      weights::Tensor one = patches;
      one.shape.insert(one.shape.begin(), 1);
      one.strides.insert(one.strides.begin(), patches.count());
      const std::vector<engine::Tensor> said = network->run({one}, "write");
      const std::vector<float> row = said.back().to_float();
      logits.insert(logits.end(), row.begin(), row.end());
      const engine::Tensor tokens = said.front().packed();
      const auto* const ids = reinterpret_cast<const std::int64_t*>(tokens.data);
      Written& of_split = written[splits[place]];
      of_split.texts.push_back(words_.decode({ids, ids + tokens.count()}));
      of_split.references.push_back(texts_[place]);
      csv += learn::table_field(set.ids[place]) + ',' + learn::table_field(set.patients[place]) +
             ',' + learn::to_string(splits[place]) + ',' + learn::table_field(texts_[place]) + ',' +
             learn::table_field(of_split.texts.back()) + '\n';
    }
    return logits;
  });
  write_file(run / "reports.csv", csv);

  weights::Manifest manifest = weights::load_manifest(model);
  std::ofstream card(model / "CARD.md", std::ios::app);
  card << "\n## What it writes\n\nBLEU (runs of one to four words, Papineni et al. 2002) of drafts "
          "that the model wrote by itself, against the studies' reports; the texts are in the "
          "run's reports.csv. BLEU counts words in common: it does not say whether a draft is "
          "true.\n\n| split | studies | BLEU |\n| --- | --- | --- |\n";
  for (const auto& [split, of_split] : written) {
    const double score = evaluate::bleu(of_split.texts, of_split.references);
    std::array<char, 64> line{};
    std::snprintf(line.data(), line.size(), " | %zu | %.4f |\n", of_split.texts.size(), score);
    card << "| " << learn::to_string(split) << line.data();
    manifest.json["metrics"][learn::to_string(split)]["bleu"] = score;
  }
  weights::write_manifest(model, manifest);
  if (!card.flush())
    throw Error("cannot_write"_code,
                {{"path", (model / "CARD.md").string()}, {"detail", std::strerror(errno)}});
}

}  // namespace

std::unique_ptr<VolumeRecipe> report_recipe(const learn::Options& training) {
  return std::make_unique<ReportRecipe>(training);
}

}  // namespace thorax::pipeline
