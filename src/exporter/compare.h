// The exported form against the model itself, number by number.
#pragma once

#include "base/progress.h"
#include "engine/runner.h"

namespace thorax::exporter {

/// How far an output of the exported form is from the model's own.
struct Difference {
  std::int64_t batch = 0;
  std::string output;
  double largest = 0;   ///< of all values
  double relative = 0;  ///< the same, divided by the largest absolute value of the model's output
};

/// Runs both on the same inputs, made from nothing, in every batch. Every output that the exported
/// form has is looked for among the native functions with the same inputs. Throws
/// Error("cancelled"_code) through `progress`, and what running a model throws.
std::vector<Difference> compare(engine::Runner& native, engine::Runner& exported,
                                const std::vector<std::int64_t>& batches, const Progress& progress);

/// Throws Error("export_differs"_code) for the first difference beyond the bound of the precision
/// ("fp32": 1e-3, "fp16": 0.05, "int8": 0.1, relative).
void require_same(const std::vector<Difference>& differences, const std::string& model,
                  const std::string& precision);

}  // namespace thorax::exporter
