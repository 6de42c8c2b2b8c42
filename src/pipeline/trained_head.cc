#include "pipeline/trained_head.h"

#include <algorithm>
#include <cmath>

#include "base/files.h"
#include "engine/runner.h"
#include "evaluate/evaluation.h"
#include "learn/table.h"
#include "report/evaluation_report.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;
using learn::Split;
using nlohmann::json;

constexpr std::size_t kAtATime = 1024;

void write_predictions(const fs::path& path, const learn::LabelledCases& set,
                       const std::vector<Split>& splits, const std::vector<std::size_t>& places,
                       const std::vector<float>& logits) {
  const std::size_t classes = set.classes.size();
  std::string text = "study_id,patient_id,split";
  if (set.exclusive) text += ",class";
  for (const std::string& name : set.classes) {
    if (!set.exclusive) text += ',' + learn::table_field("truth_" + name);
    text += ',' + learn::table_field("logit_" + name);
  }
  text += '\n';
  for (std::size_t i = 0; i < places.size(); ++i) {
    const std::size_t place = places[i];
    text += learn::table_field(set.ids[place]) + ',' + learn::table_field(set.patients[place]) +
            ',' + learn::to_string(splits[place]);
    if (set.exclusive)
      text += ',' + learn::table_field(set.classes[static_cast<std::size_t>(set.label(place))]);
    for (std::size_t k = 0; k < classes; ++k) {
      if (!set.exclusive) text += set.holds(place, k) ? ",1" : ",0";
      text += ',' + learn::table_field(static_cast<double>(logits[i * classes + k]));
    }
    text += '\n';
  }
  write_file(path, text);
}

/// By the goal; 0.5 for a class that validation has only of one kind.
std::vector<double> thresholds_of(const evaluate::Cases& validation,
                                  const evaluate::ThresholdGoal& goal) {
  std::vector<double> thresholds;
  for (std::size_t k = 0; k < validation.classes.size(); ++k) {
    const std::vector<std::uint8_t> labels = validation.labels_of(k);
    const auto positive = static_cast<std::size_t>(std::ranges::count(labels, 1));
    thresholds.push_back(
        positive == 0 || positive == labels.size()
            ? 0.5
            : evaluate::choose_threshold(evaluate::Ranking(validation.scores_of(k), labels), goal));
  }
  return thresholds;
}

json json_of(const evaluate::Estimate& estimate) {
  const auto number = [](double value) { return std::isfinite(value) ? json(value) : json(); };
  return {{"value", number(estimate.value)},
          {"low", number(estimate.low)},
          {"high", number(estimate.high)}};
}

json metrics_json(const evaluate::Metrics& metrics) {
  json out{{"studies", metrics.cases},
           {"patients", metrics.patients},
           {"accuracy", json_of(metrics.accuracy)},
           {"calibration_error", json_of(metrics.calibration_error)}};
  for (const evaluate::ClassMetrics& one : metrics.classes)
    evaluate::for_each_number([&](const char* id, evaluate::Estimate evaluate::ClassMetrics::*m) {
      out["classes"][one.name][id] = json_of(one.*m);
    });
  return out;
}

}  // namespace

CaseAnswers head_answers(const fs::path& model, const learn::EmbeddingSet& set, int threads) {
  engine::RunOptions wanted;
  wanted.threads = threads;
  const std::shared_ptr<engine::Runner> head = engine::load(model, wanted);
  return [head, &set](const std::vector<std::size_t>& places) {
    std::vector<float> logits;
    for (std::size_t first = 0; first < places.size(); first += kAtATime) {
      const std::size_t count = std::min(kAtATime, places.size() - first);
      std::vector<float> values;
      for (std::size_t i = first; i < first + count; ++i) {
        const std::span<const float> row = set.row(places[i]);
        values.insert(values.end(), row.begin(), row.end());
      }
      const std::vector<float> some =
          head->run({weights::make_tensor(
                        {static_cast<std::int64_t>(count), static_cast<std::int64_t>(set.width)},
                        values)})
              .front()
              .to_float();
      logits.insert(logits.end(), some.begin(), some.end());
    }
    return logits;
  };
}

void evaluate_cases(const fs::path& run_folder, const fs::path& model,
                    const learn::Options& training, const learn::LabelledCases& set,
                    const std::vector<Split>& splits, const CaseAnswers& answers) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < set.count(); ++i)
    if (splits[i] != Split::train) places.push_back(i);
  const fs::path predictions = run_folder / "predictions.csv";
  write_predictions(predictions, set, splits, places, answers(places));

  const evaluate::ThresholdGoal goal = evaluate::parse_goal(training.run.goal);
  const evaluate::AnswerTable table = evaluate::read_answers(predictions.string());
  evaluate::AnswerTable validation = table.where("split", "validation");
  const std::string split = std::ranges::count(splits, Split::test) > 0 ? "test" : "validation";
  evaluate::AnswerTable judged = table.where("split", split);

  weights::Manifest manifest = weights::load_manifest(model);
  std::optional<evaluate::Fitted> fitted;
  evaluate::CallRule rule;
  if (set.exclusive) {
    fitted = evaluate::fit(validation, 1, goal);
    rule.thresholds = {fitted->threshold.value_or(0.5)};
    manifest.json["calibration"] = {{"temperature", fitted->temperature}, {"cases", fitted->cases}};
    judged.set_temperature(fitted->temperature);
  } else {
    rule.thresholds = thresholds_of(validation.cases, goal);
  }
  manifest.json["thresholds"] = rule.thresholds;
  const evaluate::Metrics metrics = evaluate::measure(judged.cases, rule);
  manifest.json["metrics"][split] = metrics_json(metrics);
  weights::write_manifest(model, manifest);
  write_file(model / "CARD.md", head_card(manifest, training, metrics, split));

  evaluate::EvaluationOptions options;
  const evaluate::Evaluation evaluation =
      evaluate::evaluate_table(table.where("split", split), fitted, options);
  const report::EvaluationTitle title{"predictions.csv", "split=" + split};
  write_file(run_folder / "evaluation.json", report::evaluation_json(evaluation, title));
  write_file(run_folder / "evaluation.html",
             report::evaluation_page(evaluation, title, Language::en));
}

}  // namespace thorax::pipeline
