#include <array>
#include <cmath>
#include <cstdio>
#include <sstream>

#include "pipeline/trained_head.h"

namespace thorax::pipeline {
namespace {

using evaluate::Estimate;
using nlohmann::json;

std::string number(double value) {
  if (!std::isfinite(value)) return "–";
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4f", value);
  return text.data();
}

std::string text_of(const Estimate& estimate) {
  return number(estimate.value) + " (" + number(estimate.low) + " to " + number(estimate.high) +
         ")";
}

void list_data(std::ostream& card, const json& run) {
  card << "\n## Data\n\n| split | studies |";
  const auto classes = run.at("classes").get<std::vector<std::string>>();
  for (const std::string& name : classes) card << ' ' << name << " |";
  card << "\n| --- | --- |";
  for (std::size_t k = 0; k < classes.size(); ++k) card << " --- |";
  for (const char* split : {"train", "validation", "test"}) {
    const json& counts = run.at("studies").at(split);
    card << "\n| " << split << " | " << counts.at("studies") << " |";
    for (const std::string& name : classes) card << ' ' << counts.at("positive").at(name) << " |";
  }
  card << "\n\nSplit by patient, stratified. ";
  if (run.contains("embeddings"))
    card << run.at("embeddings").at("unlabelled") << " embeddings had no label and "
         << run.at("embeddings").at("rows_without_embedding")
         << " rows of the table no embedding; they were left out. ";
  else
    card << run.at("left_out") << " rows of the table lacked something and were left out. ";
  card << "SHA-256 of the data: `" << run.at("data_sha256").get<std::string>()
       << "`. Where the studies are from: *not "
       << "stated*.\n";
}

void list_settings(std::ostream& card, const learn::Options& training) {
  learn::Options shown;
  Settings settings;
  learn::add_settings(settings, shown);
  shown = training;
  shown.run = {};
  shown.tracking = {};
  shown.search = {};
  shown.data.embeddings = shown.data.table = shown.network.start = shown.data.source = "";
  card << "\n## How it was trained\n\n`thorax train` with these settings (others at their "
          "defaults):\n\n";
  for (const auto& [key, value] : settings.changed())
    if (!value.empty()) card << "- `" << key << ": " << value << "`\n";
}

void list_metrics(std::ostream& card, const evaluate::Metrics& metrics,
                  const std::vector<double>& thresholds) {
  const auto row = [&](const evaluate::ClassMetrics& one, const std::string& threshold) {
    card << "| " << one.name << " | " << text_of(one.auroc) << " | " << text_of(one.auprc) << " | "
         << text_of(one.f1) << " | " << text_of(one.sensitivity) << " | "
         << text_of(one.specificity) << " | " << threshold << " |\n";
  };
  card << "| class | AUROC | AUPRC | F1 | sensitivity | specificity | threshold |\n"
          "| --- | --- | --- | --- | --- | --- | --- |\n";
  if (thresholds.size() == metrics.classes.size()) {
    for (std::size_t k = 0; k < thresholds.size(); ++k)
      row(metrics.classes[k], number(thresholds[k]));
    row(metrics.macro, "");
  } else {
    row(metrics.classes.back(), number(thresholds.front()));
  }
  card << "\nAccuracy " << text_of(metrics.accuracy) << ", expected calibration error "
       << text_of(metrics.calibration_error) << ".\n";
}

std::string kind_of(const json& run, const learn::Options& training) {
  if (training.data.recipe == "slabs")
    return "A network in two and a half dimensions: slabs of slices of a chest CT, a score each, "
           "one for the series";
  if (training.data.recipe == "reports")
    return "A head that finds, and writes a draft of a report, from what the segmentation network "
           "`" +
           std::filesystem::path(training.network.backbone).filename().string() +
           "` saw of a chest CT";
  if (!run.contains("embeddings")) return "A network on whole volumes of chest CT";
  const json& embeddings = run.at("embeddings");
  return "A head on the embeddings of `" + embeddings.at("model").get<std::string>() +
         "` (SHA-256 of its manifest `" + embeddings.at("model_sha256").get<std::string>() +
         "`), which stay as they are";
}

}  // namespace

std::string head_card(const weights::Manifest& manifest, const learn::Options& training,
                      const evaluate::Metrics& metrics, const std::string& split) {
  const json& run = manifest.json.at("trained");
  std::ostringstream card;
  card << "# " << manifest.name << ' ' << manifest.version << "\n\n"
       << "**For research use only.** Not a medical device. Written by `thorax train`.\n\n"
       << "## What it is\n\n- " << kind_of(run, training) << "\n- Network: `" << manifest.network
       << "`, " << manifest.json.at("parameters") << " parameters; configuration `"
       << manifest.config.dump() << "`\n- Licence of the weights: "
       << (manifest.licence.empty() ? "*not stated*" : manifest.licence) << '\n';
  list_data(card, run);
  list_settings(card, training);
  card << "\nThe weights are those of epoch " << run.at("kept_epoch") << " of " << run.at("epochs")
       << ".\n\n## How well it does\n\nOn " << metrics.cases << " studies of " << metrics.patients
       << " patients of the " << split << " split. 95 % intervals by bootstrap over patients. ";
  card << (split == "test"
               ? "None of these patients was seen in training or in choosing anything.\n\n"
               : "**These patients also chose epoch, temperature and thresholds, so the numbers "
                 "flatter the head: keep a test split (`data.test`).**\n\n");
  list_metrics(card, metrics, manifest.json.at("thresholds").get<std::vector<double>>());
  card << "\nThresholds: " << training.run.goal << ", chosen on validation";
  if (manifest.json.contains("calibration"))
    card << ", as was the temperature "
         << number(manifest.json.at("calibration").at("temperature").get<double>());
  card << ". The run's predictions.csv holds the logits behind every number here; `thorax evaluate "
          "predictions.csv --where split="
       << split
       << "` shows more.\n\n## What it must not be used for\n\nDecisions about a patient; studies "
          "of other scanners, ages or diseases than those of the data above, on which nothing was "
          "measured.\n";
  return card.str();
}

}  // namespace thorax::pipeline
