#include "pipeline/evaluation_rows.h"

#include <array>
#include <cstdio>

#include "evaluate/calibration.h"

namespace thorax::pipeline {

const char* const kMetricsColumns =
    "| pictures | accuracy | AUROC | sensitivity | specificity | calibration error |\n"
    "| --- | --- | --- | --- | --- | --- |\n";

void add_case(evaluate::Cases& cases, int label, std::span<const float> logits, double temperature,
              const std::string& patient) {
  const std::vector<double> row =
      evaluate::softmax(std::vector<double>(logits.begin(), logits.end()), temperature);
  cases.probabilities.insert(cases.probabilities.end(), row.begin(), row.end());
  for (std::size_t k = 0; k < cases.classes.size(); ++k)
    cases.truth.push_back(static_cast<std::size_t>(label) == k ? 1 : 0);
  cases.patients.push_back(patient);
}

std::string text_of(const evaluate::Estimate& estimate) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.4f (%.4f to %.4f)", estimate.value, estimate.low,
                estimate.high);
  return text.data();
}

std::string metrics_row(const std::string& name, const evaluate::Metrics& metrics) {
  const evaluate::ClassMetrics& positive = metrics.classes.back();
  return "| " + name + " | " + text_of(metrics.accuracy) + " | " + text_of(positive.auroc) + " | " +
         text_of(positive.sensitivity) + " | " + text_of(positive.specificity) + " | " +
         text_of(metrics.calibration_error) + " |\n";
}

}  // namespace thorax::pipeline
