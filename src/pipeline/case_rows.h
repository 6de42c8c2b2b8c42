// What a learned model makes of many cases: a row of numbers each.
#pragma once

#include "pipeline/case_reader.h"
#include "pipeline/learned_model.h"

namespace thorax::pipeline {

struct CaseRow {
  Case found;                 ///< its input is given back
  std::vector<float> values;  ///< finite; empty with a failure
};

/// Reads the cases, runs the model in batches and returns a row each, in the order of the cases. A
/// case whose batch cannot be run, or whose row is not finite (NO_NUMBERS), is a failure; it never
/// stops the others. Throws Error: what ModelInput throws, cancelled.
std::vector<CaseRow> run_cases(const std::vector<Input>& inputs, const LearnedModel& model,
                               const ModelOutput& wanted, const Options& options, Gate gate,
                               const Progress& progress);

}  // namespace thorax::pipeline
