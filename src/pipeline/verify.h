// How report::verify_report hashes what lies outside a report.
#pragma once

#include <filesystem>

#include "base/progress.h"
#include "pipeline/options.h"
#include "report/verify.h"

namespace thorax::pipeline {

/// Finds models as an analysis with `options` does, and the series in `input`, or, when that is
/// empty, where the result says the input was.
report::VerifyHooks verify_hooks(const Options& options, const std::filesystem::path& input,
                                 const Progress& progress = {});

}  // namespace thorax::pipeline
