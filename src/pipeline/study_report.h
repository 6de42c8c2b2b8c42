// From an analysis to the files a person opens.
#pragma once

#include <filesystem>

#include "pipeline/study.h"

namespace thorax::pipeline {

/// Writes the report of one study into `folder`, whole or not at all, replacing an older report
/// there; puts the timings (`index_seconds` before them) and the pictures into analysis.result.
/// Throws Error: cannot_write (also when `folder` holds something else than a report), cancelled.
void write_report(StudyAnalysis& analysis, const std::filesystem::path& folder,
                  const Options& options, double index_seconds, StageClock& clock,
                  const Progress& progress);

}  // namespace thorax::pipeline
