// The order in which a chest CT is read.
#pragma once

#include "pipeline/study.h"

namespace thorax::pipeline {

/// Loads the series, judges it, measures it and decides; fills `analysis` as it goes, so that what
/// is known stays known when a later step throws. Throws Error.
void run_ct(intake::Source& source, const intake::Study& study, const intake::Series& series,
            const Models& models, const Options& options, StageClock& clock,
            const Progress& progress, StudyAnalysis& analysis);

}  // namespace thorax::pipeline
