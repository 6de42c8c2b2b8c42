// The order in which a chest radiograph is read.
#pragma once

#include "pipeline/study.h"

namespace thorax::pipeline {

/// Loads the image, judges it and asks the network. Without one it ends in
/// Error("no_xray_model"_code), with the picture and the quality kept in `analysis`.
void run_xray(intake::Source& source, const intake::Study& study, const intake::Series& series,
              const Models& models, const Options& options, StageClock& clock,
              const Progress& progress, StudyAnalysis& analysis);

}  // namespace thorax::pipeline
