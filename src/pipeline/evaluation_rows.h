// The rows of a trained model's evaluation.md.
#pragma once

#include <span>

#include "evaluate/metrics.h"

namespace thorax::pipeline {

/// A case of exclusive classes. `label`: its class; `logits`: one a class.
void add_case(evaluate::Cases& cases, int label, std::span<const float> logits, double temperature,
              const std::string& patient);

/// "0.9876 (0.9812 to 0.9931)".
std::string text_of(const evaluate::Estimate& estimate);

/// Names of the columns that metrics_row fills; Markdown, two lines.
extern const char* const kMetricsColumns;

/// Accuracy; AUROC, sensitivity, specificity of the last class; calibration error.
std::string metrics_row(const std::string& name, const evaluate::Metrics& metrics);

}  // namespace thorax::pipeline
