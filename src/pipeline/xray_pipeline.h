// The order in which a chest radiograph is read.
#pragma once

#include "pipeline/study.h"

namespace thorax::pipeline {

/// Loads the image and judges it. There is no X-ray model without learned weights, so it ends in
/// Error(Code::no_xray_model), with the picture and the quality kept in `analysis`.
void run_xray(intake::Source& source, const intake::Study& study, const intake::Series& series,
              StageClock& clock, const Progress& progress, StudyAnalysis& analysis);

}  // namespace thorax::pipeline
