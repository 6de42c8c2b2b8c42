// From an analysis to the files a person opens.
#pragma once

#include <filesystem>

#include "pipeline/study.h"

namespace thorax::pipeline {

/// Draws the pictures and writes the report of one study into `folder`, whole or not at all,
/// replacing an older report there. analysis.result becomes the result as written, with pictures,
/// timings (`index_seconds` before those of `clock`) and the hashes of the files. `view`: with what
/// the service's viewer opens. Throws Error: cannot_write, cancelled.
void write_report(StudyAnalysis& analysis, const std::filesystem::path& folder,
                  const Options& options, bool view, double index_seconds, StageClock& clock,
                  const Progress& progress);

/// Throws Error("cannot_write"_code) when `folder` holds something else than reports of Thorax:
/// asked before the work, so that it is not in vain.
void refuse_foreign(const std::filesystem::path& folder);

}  // namespace thorax::pipeline
