// The row of a batch table that one study becomes.
#pragma once

#include <optional>
#include <string>

#include "report/result.h"

namespace thorax::report {

/// The columns of the contract, in order; nothing but the path and the status is set on Failure.
struct BatchRow {
  std::string path_to_study, study_uid, series_uid;
  std::optional<double> probability_of_pathology;
  std::optional<int> pathology;
  std::string processing_status;  ///< "Success" | "Failure"
  std::optional<double> time_of_processing;
  std::string most_dangerous_pathology_type;
  std::string pathology_localization;
  std::string error;  ///< "CODE: what happened"; empty on Success
};

/// `pathology` is 1 when the probability is above 0.5. The type is the most dangerous positive
/// finding, empty when the study is normal. Localization lists where the positive findings are, the
/// most severe first: "Pleural effusion: right pleural cavity; Lung nodule: …".
BatchRow batch_row(const StudyResult& result, Language language);

/// Positive findings that count as pathology, most severe first.
std::vector<const findings::Finding*> positive_findings(const StudyResult& result);

}  // namespace thorax::report
