// Results for the tests of the report room: a study with findings, a refused one, a hostile one.
#pragma once

#include "report/result.h"

namespace thorax::report {

/// A chest CT with a nodule, emphysema and an effusion, every field filled.
StudyResult sample_result();
/// A head CT that was refused.
StudyResult refused_result();
/// sample_result with markup, quotes, control characters and broken UTF-8 in every text from files.
StudyResult hostile_result();

}  // namespace thorax::report
