// From measured regions and nodules to the findings they belong to.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/place.h"
#include "measure/ct.h"
#include "report/result.h"

namespace thorax::pipeline {

/// Ids of the catalogue of findings that a labelled voxel speaks for; the first is its own, others
/// contain it (consolidation is a lung opacity too).
std::vector<std::string> finding_ids(measure::FindingLabel label);

/// Finding id -> where it was seen, the most important place first. Nodule candidates below
/// measure::kSuspiciousNodule are lesions to look at, not places of the finding.
std::map<std::string, std::vector<Place>> finding_places(const measure::CtMeasurements& measured);

/// The list under the findings: nodules by rank, then the regions as measured.
std::vector<report::LesionRow> lesion_rows(const measure::CtMeasurements& measured);

}  // namespace thorax::pipeline
