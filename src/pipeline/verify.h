// Whether a report still is what was written, from the input and the models it names.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/progress.h"
#include "pipeline/options.h"

namespace thorax::pipeline {

enum class CheckState { holds, differs, missing };

/// One thing that was compared by its SHA-256.
struct Check {
  enum class What { result, file, model, input } what = What::result;
  std::string name;  ///< file, model or path of the input
  CheckState state = CheckState::holds;
};

/// Checks result.json against its own hash, every file beside it, the models and the input.
/// `report`: a study's folder or its result.json. `input`: where the input is now; empty: where it
/// was. Throws Error: no_such_input, report_unreadable.
std::vector<Check> verify_report(const std::filesystem::path& report,
                                 const std::filesystem::path& input, const Options& options,
                                 const Progress& progress = {});

}  // namespace thorax::pipeline
