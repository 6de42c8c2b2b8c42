// From file headers to studies: grouping and choice. Pure functions of header values.
#pragma once

#include "intake/source.h"
#include "intake/study.h"

namespace thorax::intake {

/// What one file's header said.
struct FileHeader {
  Patient patient;
  std::string study_date, accession_number;
  SeriesHeader series;
  Instance instance;
};

/// Groups headers into studies and series (splitting a SeriesInstanceUID that mixes orientation,
/// image type, frame of reference, matrix or acquisition; taking scouts out), sets what is no axial
/// original image aside with a reason, and chooses the series to read (choose_series). Stable
/// order: studies and series by UID of first appearance in sorted entry order.
std::vector<Study> group_studies(std::vector<FileHeader> headers);

/// Chooses the series to read by the stated rules and writes every series' role and reasons.
/// `wanted_uid`, when not empty, overrules (a SeriesInstanceUID; throws Error when absent or
/// unreadable).
void choose_series(Study& study, const std::string& wanted_uid = {});

}  // namespace thorax::intake
