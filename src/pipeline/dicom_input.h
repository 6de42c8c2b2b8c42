// What DICOM objects of a result are made from.
#pragma once

#include "intake/study.h"
#include "pipeline/study.h"
#include "report/write.h"

namespace thorax::pipeline {

/// The series that was read. `ct`: its volume; nullptr for a radiograph.
report::DicomSource dicom_source(const intake::Study& study, const intake::Series& series,
                                 const intake::LoadedVolume* ct);

/// Every finding and organ that the analysis outlined.
std::vector<report::SegmentMask> segment_masks(const StudyAnalysis& analysis);

}  // namespace thorax::pipeline
