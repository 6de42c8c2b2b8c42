#include "pipeline/study_report.h"

#include "base/error.h"
#include "report/files.h"
#include "report/json.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr const char* kResultFile = "result.json";

/// A folder of reports that were written before may be replaced, anything else is the user's.
void refuse_foreign(const fs::path& folder) {
  if (!fs::exists(folder) || fs::is_empty(folder) || fs::exists(folder / kResultFile) ||
      fs::exists(folder / "1" / kResultFile))
    return;
  throw Error(Code::cannot_write,
              {{"path", folder.string()}, {"detail", "it exists and is no report of Thorax"}});
}

void set_timings(report::StudyResult& result, double index_seconds, const StageClock& clock) {
  report::Provenance& provenance = result.provenance;
  provenance.timings = {{"index", index_seconds}};
  provenance.seconds = index_seconds + clock.seconds();
  for (const auto& [stage, seconds] : clock.stages())
    provenance.timings.push_back({stage, seconds});
}

}  // namespace

void write_report(StudyAnalysis& analysis, const fs::path& folder, const Options& options,
                  double index_seconds, StageClock& clock, const Progress& progress) {
  refuse_foreign(folder);
  clock.start("pictures");
  progress.report("pictures", 0);
  clock.stop();
  set_timings(analysis.result, index_seconds, clock);
  progress.report("write", 0.5);
  report::NewFolder target(folder);
  report::write_file(target.path() / kResultFile,
                     report::to_json(analysis.result, {options.output.identify}));
  target.commit();
}

}  // namespace thorax::pipeline
