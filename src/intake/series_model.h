// From file headers to studies: grouping and choice. Pure functions of header values.
#pragma once

#include <optional>

#include "intake/source.h"
#include "intake/study.h"

namespace thorax::intake {

/// What one file's header said.
struct FileHeader {
  Patient patient;
  std::string study_date, study_time, study_id, accession_number, referring_physician;
  SeriesHeader series;
  Instance instance;
};

/// Groups headers into studies and series (splitting a SeriesInstanceUID that mixes orientation,
/// image type, frame of reference, matrix or acquisition; taking scouts out), sets what is no axial
/// original image aside with a reason, and chooses the series to read (choose_series). Stable
/// order: studies and series by UID of first appearance in sorted entry order.
std::vector<Study> group_studies(std::vector<FileHeader> headers);

/// Chooses the series to read and writes every series' role and reasons; sets Study::kind.
///
/// Set aside for good: no pixels, localizers, dose screens, secondary captures, slab projections
/// (MIP, MinIP, renderings), other modalities, stacks of fewer than kMinimumSlices. Of the CT
/// stacks that stay, each rule drops those that are worse than the best, in this order:
///   1. original images before derived ones (reformats); 2. axial before other planes;
///   3. words that say chest, then none, then another region; 4. enough coverage (90 % of the
///   longest, or kEnoughCoverageMm); 5. the thinnest slice (the larger of SliceThickness and the
///   median gap, compared to 0.1 mm; unknown loses); 6. soft kernel, then unknown, then sharp;
///   7. a soft-tissue window (facts S1.2); 8. the first in order.
/// Without a CT stack the radiographs compete: presentation before raw images, words that say
/// chest, frontal before unknown view; lateral views are set aside.
///
/// `wanted_uid`, when not empty, overrules all but the need for pixels: a SeriesInstanceUID, with
/// "#part" when one of a split series is meant ("1.2.3#1"). Throws Error(no_such_series) or
/// Error(series_unreadable).
void choose_series(Study& study, const std::string& wanted_uid = {});

/// Why a study cannot be read: set when no series was taken (an error notice), else nullopt. `path`
/// names the source it came from.
std::optional<Notice> study_refusal(const Study& study, const std::string& path = {});
/// Kinds of the files by their extensions, the most frequent first: "*.xml (2), *.txt (1)"; "0"
/// for none.
std::string files_found(const std::vector<SetAside>& files);

}  // namespace thorax::intake
