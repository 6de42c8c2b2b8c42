// A result as a DICOM structured report (PS3.3 A.35.13, Comprehensive 3D SR) after the template of
// imaging measurement reports (PS3.16 TID 1500): measurements with UCUM units, the findings with
// their scores, what the segments of the segmentation measure, the lesions with their centres.
#pragma once

#include "report/dicom_seg.h"
#include "report/result.h"

namespace thorax::report {

/// `segmentation`: nullptr for a radiograph, or where nothing was segmented. Sentences are in
/// `language`, code meanings in English. result.decision is there. The same result gives the same
/// bytes, however long it took.
DicomObject encode_structured_report(const StudyResult& result, const DicomSource& source,
                                     const Segmentation* segmentation, Language language);

}  // namespace thorax::report
