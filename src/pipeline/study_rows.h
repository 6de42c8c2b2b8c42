// What a report says of a study before anything is measured.
#pragma once

#include "intake/source.h"
#include "intake/study.h"
#include "quality/trust.h"
#include "report/result.h"

namespace thorax::pipeline {

/// Fills identity, series and files of `result` from the headers, and adds the study's notices. The
/// place within the source is filled when it holds several studies.
void describe_study(const intake::Source& source, const intake::Study& study,
                    report::StudyResult& result);

std::string_view to_string(intake::StudyKind kind);   ///< "ct" | "xray" | "other"
std::string_view to_string(intake::SeriesRole role);  ///< "taken" | "candidate" | "set_aside"

report::Trust trust_of(quality::Trust trust);

/// The file of a study's images inside its source, or the folder they share; empty where they lie
/// at its top. A source that is an archive does not name itself.
std::string place_within(const intake::Source& source, const intake::Study& study);

/// SeriesInstanceUID, with "#part" when it was split: the name that --series understands.
std::string series_name(const intake::Series& series);

}  // namespace thorax::pipeline
