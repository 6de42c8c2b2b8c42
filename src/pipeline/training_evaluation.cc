#include "pipeline/training_evaluation.h"

#include <array>
#include <cstdio>

#include "base/files.h"
#include "evaluate/calibration.h"
#include "evaluate/conformal.h"
#include "evaluate/metrics.h"
#include "evaluate/threshold.h"
#include "learn/augment.h"
#include "weights/manifest.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;
using evaluate::Estimate;
using learn::Split;
using nlohmann::json;

evaluate::Cases cases_of(const std::vector<Prediction>& predictions, const learn::PictureSet& set,
                         const std::vector<Split>& splits, Split split, std::size_t shift,
                         double temperature) {
  evaluate::Cases cases;
  cases.classes = set.classes;
  for (const Prediction& one : predictions) {
    if (one.shift != shift || splits[one.picture] != split) continue;
    const std::vector<double> logits(one.logits.begin(), one.logits.end());
    const std::vector<double> row = evaluate::softmax(logits, temperature);
    cases.probabilities.insert(cases.probabilities.end(), row.begin(), row.end());
    for (std::size_t k = 0; k < set.classes.size(); ++k)
      cases.truth.push_back(static_cast<std::size_t>(set.labels[one.picture]) == k ? 1 : 0);
    cases.patients.push_back(set.patients[one.picture]);
  }
  return cases;
}

std::string text_of(const Estimate& estimate) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.4f (%.4f to %.4f)", estimate.value, estimate.low,
                estimate.high);
  return text.data();
}

json json_of(const Estimate& estimate) {
  return {{"value", estimate.value}, {"low", estimate.low}, {"high", estimate.high}};
}

std::string row_of(const std::string& name, const evaluate::Metrics& metrics) {
  const evaluate::ClassMetrics& positive = metrics.classes.back();
  return "| " + name + " | " + text_of(metrics.accuracy) + " | " + text_of(positive.auroc) + " | " +
         text_of(positive.sensitivity) + " | " + text_of(positive.specificity) + " | " +
         text_of(metrics.calibration_error) + " |\n";
}

json metrics_json(const evaluate::Metrics& metrics) {
  const evaluate::ClassMetrics& positive = metrics.classes.back();
  return {{"pictures", metrics.cases},
          {"patients", metrics.patients},
          {"positive", positive.name},
          {"accuracy", json_of(metrics.accuracy)},
          {"auroc", json_of(positive.auroc)},
          {"sensitivity", json_of(positive.sensitivity)},
          {"specificity", json_of(positive.specificity)},
          {"calibration_error", json_of(metrics.calibration_error)}};
}

std::string head_of(const std::string& title, const evaluate::Metrics& metrics) {
  return "\n## " + title + "\n\n" + std::to_string(metrics.cases) + " pictures of " +
         std::to_string(metrics.patients) + " patients; the positive class is " +
         metrics.classes.back().name +
         ".\n\n| pictures | accuracy | AUROC | sensitivity | specificity | calibration error |\n"
         "| --- | --- | --- | --- | --- | --- |\n";
}

std::string coverage_text(const evaluate::Cases& calibration, const evaluate::Cases& test) {
  const auto scores = evaluate::conformal_scores(
      calibration.probabilities, calibration.truth_indices(), calibration.classes.size());
  std::string text =
      "\n## Conformal sets of the test pictures as they are\n\n| miss rate | hold the truth | one "
      "class | none |\n| --- | --- | --- | --- |\n";
  for (const double miss : {0.02, 0.05, 0.1}) {
    const evaluate::Coverage coverage =
        evaluate::conformal_coverage(test.probabilities, test.truth_indices(), scores, miss);
    std::array<char, 96> row{};
    std::snprintf(row.data(), row.size(), "| %.2f | %.4f | %.4f | %.4f |\n", miss, coverage.covered,
                  coverage.single, coverage.empty);
    text += row.data();
  }
  return text;
}

}  // namespace

void write_evaluation(const fs::path& folder, const fs::path& model,
                      const std::vector<Prediction>& predictions, const learn::PictureSet& set,
                      const std::vector<Split>& splits, const std::string& more) {
  weights::Manifest manifest = weights::load_manifest(model);
  const double temperature = manifest.json.at("calibration").at("temperature");
  const auto cases = [&](Split split, std::size_t shift) {
    return cases_of(predictions, set, splits, split, shift, temperature);
  };
  const evaluate::Cases validation = cases(Split::validation, 0), test = cases(Split::test, 0);
  const std::size_t positive = set.classes.size() - 1;
  const double threshold = evaluate::choose_threshold(
      evaluate::Ranking(validation.scores_of(positive), validation.labels_of(positive)), {});
  evaluate::CallRule chosen;
  chosen.thresholds = {threshold};
  chosen.positive = positive;
  manifest.json["calibration"]["threshold"] = {{set.classes.back(), threshold}};

  std::string text = "# " + manifest.name + " " + manifest.version + "\n";
  for (const Split split : {Split::test, Split::validation}) {
    if (cases(split, 0).count() == 0) continue;
    std::string rows;
    for (std::size_t shift = 0; shift < learn::shifts().size(); ++shift) {
      const evaluate::Metrics metrics = evaluate::measure(cases(split, shift));
      const std::string name(learn::shifts()[shift].name);
      if (shift == 0) text += head_of(learn::to_string(split), metrics);
      rows += row_of(shift == 0 ? "as they are" : name, metrics);
      if (split == Split::test && shift == 0) {
        manifest.json["metrics"]["test"] = metrics_json(metrics);
        rows += row_of("as they are, at the chosen threshold", evaluate::measure(test, chosen));
      }
    }
    text += rows;
  }
  text += "\nTemperature " + std::to_string(temperature) + ", threshold " +
          std::to_string(threshold) + ", both chosen on validation.\n";
  if (test.count() > 0) text += coverage_text(validation, test);
  write_file(folder / "evaluation.md", text + more);
  weights::write_manifest(model, manifest);
}

}  // namespace thorax::pipeline
