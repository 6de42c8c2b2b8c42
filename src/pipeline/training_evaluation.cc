#include "pipeline/training_evaluation.h"

#include <array>
#include <cstdio>
#include <functional>
#include <set>

#include "base/files.h"
#include "evaluate/conformal.h"
#include "evaluate/metrics.h"
#include "evaluate/threshold.h"
#include "learn/augment.h"
#include "pipeline/evaluation_rows.h"
#include "weights/manifest.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;
using evaluate::Estimate;
using learn::Split;
using nlohmann::json;

/// Pictures of the last class under the shift `positives`, all others under `negatives`; of these
/// those at the places in the set that `counts`.
evaluate::Cases cases_of(const std::vector<Prediction>& predictions, const learn::PictureSet& set,
                         const std::vector<Split>& splits, Split split, std::size_t negatives,
                         std::size_t positives, double temperature,
                         const std::function<bool(std::size_t)>& counts = {}) {
  evaluate::Cases cases;
  cases.classes = set.classes;
  const int positive = static_cast<int>(set.classes.size()) - 1;
  for (const Prediction& one : predictions) {
    const std::size_t shift = set.labels[one.picture] == positive ? positives : negatives;
    if (one.shift != shift || splits[one.picture] != split) continue;
    if (counts && !counts(one.picture)) continue;
    add_case(cases, set.labels[one.picture], one.logits, temperature, set.patients[one.picture]);
  }
  return cases;
}

json json_of(const Estimate& estimate) {
  return {{"value", estimate.value}, {"low", estimate.low}, {"high", estimate.high}};
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
         metrics.classes.back().name + ".\n\n" + kMetricsColumns;
}

/// The lowest AUROC of a split's tables: what a model is chosen by.
struct Worst {
  double auroc = 2;
  std::string where;

  void see(const Estimate& found, const std::string& name) {
    if (!(found.value < auroc)) return;
    auroc = found.value;
    where = name;
  }
};

using AurocOf = std::function<Estimate(std::size_t negatives, std::size_t positives)>;

/// AUROC where a change comes with one class only. A network that leans on what the change touches,
/// such as the sharpness that one class happens to have, fails here though it ranks both classes
/// well when both are changed.
std::string one_class_text(const std::string& title, const std::vector<std::string>& classes,
                           const AurocOf& auroc, Worst& worst) {
  const std::string& last = classes.back();
  const std::string others = classes.size() == 2 ? classes.front() : "the other classes";
  std::string text = "\n## " + title + ", one class changed\n\nAUROC where only pictures of " +
                     others + " or only those of " + last +
                     " are changed: what is no disease must not tell the classes apart.\n\n" +
                     "| change | " + others + " only | " + last + " only |\n| --- | --- | --- |\n";
  for (std::size_t shift = 1; shift < learn::shifts().size(); ++shift) {
    const std::string name(learn::shifts()[shift].name);
    const Estimate negatives = auroc(shift, 0), positives = auroc(0, shift);
    worst.see(negatives, name + ", " + others + " only");
    worst.see(positives, name + ", " + last + " only");
    text += "| " + name + " | " + text_of(negatives) + " | " + text_of(positives) + " |\n";
  }
  return text;
}

/// AUROC where one class is only looked at in one of its groups: a network that knows the disease
/// by the machine fails where a machine makes pictures of both classes.
std::string group_text(const std::string& title, const std::vector<Prediction>& predictions,
                       const learn::PictureSet& set, const std::vector<Split>& splits, Split split,
                       double temperature) {
  const std::string& last = set.classes.back();
  const std::string others = set.classes.size() == 2 ? set.classes.front() : "The other classes";
  std::string text =
      "\n## " + title + ", by group\n\nOne class in one group only; the other whole.\n\n" +
      "| group | pictures | AUROC | share of them called right |\n| --- | --- | --- | --- |\n";
  const int positive = static_cast<int>(set.classes.size()) - 1;
  for (const bool of_last : {false, true})
    for (const std::string& group : std::set(set.groups.begin(), set.groups.end())) {
      const auto counts = [&](std::size_t place) {
        return (set.labels[place] == positive) != of_last || set.groups[place] == group;
      };
      const evaluate::Cases cases =
          cases_of(predictions, set, splits, split, 0, 0, temperature, counts);
      std::size_t pictures = 0;
      for (const int truth : cases.truth_indices()) pictures += (truth == positive) == of_last;
      if (pictures == 0) continue;
      const evaluate::ClassMetrics metrics = evaluate::measure(cases).classes.back();
      text += "| " + (of_last ? last : others) + " of group " + group + " | " +
              std::to_string(pictures) + " | " + text_of(metrics.auroc) + " | " +
              text_of(of_last ? metrics.sensitivity : metrics.specificity) + " |\n";
    }
  return text;
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
  const auto cases = [&](Split split, std::size_t negatives, std::size_t positives) {
    return cases_of(predictions, set, splits, split, negatives, positives, temperature);
  };
  const evaluate::Cases validation = cases(Split::validation, 0, 0),
                        test = cases(Split::test, 0, 0);
  const std::size_t positive = set.classes.size() - 1;
  const double threshold = evaluate::choose_threshold(
      evaluate::Ranking(validation.scores_of(positive), validation.labels_of(positive)), {});
  evaluate::CallRule chosen;
  chosen.thresholds = {threshold};
  chosen.positive = positive;
  manifest.json["calibration"]["threshold"] = {{set.classes.back(), threshold}};

  std::string text = "# " + manifest.name + " " + manifest.version + "\n";
  for (const Split split : {Split::test, Split::validation}) {
    if (cases(split, 0, 0).count() == 0) continue;
    std::string rows;
    Worst worst;
    for (std::size_t shift = 0; shift < learn::shifts().size(); ++shift) {
      const evaluate::Metrics metrics = evaluate::measure(cases(split, shift, shift));
      const std::string name(shift == 0 ? "as they are" : learn::shifts()[shift].name);
      if (shift == 0) text += head_of(learn::to_string(split), metrics);
      rows += metrics_row(name, metrics);
      worst.see(metrics.classes.back().auroc, name);
      if (split == Split::test && shift == 0) {
        manifest.json["metrics"]["test"] = metrics_json(metrics);
        rows +=
            metrics_row("as they are, at the chosen threshold", evaluate::measure(test, chosen));
      }
    }
    text += rows;
    const std::string title = learn::to_string(split);
    text += one_class_text(
        title, set.classes,
        [&](std::size_t negatives, std::size_t positives) {
          return evaluate::measure(cases(split, negatives, positives)).classes.back().auroc;
        },
        worst);
    if (!set.groups.empty())
      text += group_text(title, predictions, set, splits, split, temperature);
    std::array<char, 32> number{};
    std::snprintf(number.data(), number.size(), "%.4f", worst.auroc);
    text += "\nWorst AUROC of " + title + ": " + number.data() + " (" + worst.where + ").\n";
  }
  text += "\nTemperature " + std::to_string(temperature) + ", threshold " +
          std::to_string(threshold) + ", both chosen on validation.\n";
  if (test.count() > 0) text += coverage_text(validation, test);
  write_file(folder / "evaluation.md", text + more);
  weights::write_manifest(model, manifest);
}

}  // namespace thorax::pipeline
