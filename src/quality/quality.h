// How good the pictures are, in numbers.
#pragma once

#include <vector>

#include "base/measurement.h"
#include "base/notice.h"
#include "intake/study.h"
#include "quality/limits.h"
#include "quality/lungs.h"

namespace thorax::quality {

/// Measurements with ids "quality.…" and what is to be said about them.
struct QualityReport {
  Measurements values;
  std::vector<Notice> notices;
};

/// Measures a chest CT that passed the gate; `lungs` is GateResult::lungs. Measured are noise in
/// soft tissue and in air, slice thickness and spacing, sharpness of the kernel, cuts of the body
/// and of the lungs by the field of view, coverage of the lungs, metal, contrast in the heart, and
/// steps between neighbouring slices. What cannot be measured (thickness not in the header, no air
/// around the body …) is left out.
QualityReport measure_quality(const intake::Series& series, const intake::LoadedVolume& ct,
                              const LungSurvey& lungs, const Limits& limits = {});

}  // namespace thorax::quality
