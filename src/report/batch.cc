#include "report/batch.h"

#include <algorithm>
#include <set>

namespace thorax::report {
namespace {

/// "a; b; c" of the different places of a finding, at most `limit`.
std::string where(const findings::Finding& finding, Language language, std::size_t limit) {
  std::string out;
  std::set<std::string> said;
  for (const Place& place : finding.places) {
    const std::string& name = place.where.in(language);
    if (name.empty() || said.size() == limit || !said.insert(name).second) continue;
    out += (out.empty() ? "" : "; ") + name;
  }
  return out;
}

}  // namespace

std::vector<const findings::Finding*> positive_findings(const StudyResult& result) {
  std::vector<const findings::Finding*> out;
  if (!result.decision) return out;
  for (const findings::Finding& finding : result.decision->findings)
    if (finding.analysed && finding.positive) out.push_back(&finding);
  std::stable_sort(out.begin(), out.end(), [](const auto* a, const auto* b) {
    return a->severity_rank < b->severity_rank;
  });
  return out;
}

BatchRow batch_row(const StudyResult& result, Language language) {
  BatchRow row;
  row.path_to_study = result.place();
  row.processing_status = result.ok() ? "Success" : "Failure";
  if (result.failure) {
    row.error = result.failure->id() + ": " + result.failure->what(language);
    return row;
  }
  row.study_uid = result.study_uid;
  row.series_uid = result.series_uid;
  row.time_of_processing = result.provenance.seconds;
  if (!result.decision) return row;
  const findings::Verdict& verdict = result.decision->verdict;
  row.probability_of_pathology = verdict.probability;
  row.pathology = verdict.probability > 0.5 ? 1 : 0;
  row.most_dangerous_pathology_type = verdict.most_dangerous;
  for (const findings::Finding* finding : positive_findings(result)) {
    const std::string places = where(*finding, language, 3);
    if (places.empty()) continue;
    if (!row.pathology_localization.empty()) row.pathology_localization += " | ";
    row.pathology_localization += finding->name.in(language) + ": " + places;
  }
  return row;
}

}  // namespace thorax::report
