#include "pipeline/study.h"

#include <new>

#include "base/error.h"
#include "base/version.h"
#include "intake/series_model.h"
#include "pipeline/ct_pipeline.h"
#include "pipeline/dicom_input.h"
#include "pipeline/study_rows.h"
#include "pipeline/xray_pipeline.h"

namespace thorax::pipeline {
namespace {

void analyse(intake::Source& source, intake::Study& study, const Models& models,
             const Options& options, StageClock& clock, const Progress& progress,
             StudyAnalysis& analysis) {
  clock.start("choose");
  if (!options.series_uid.empty()) intake::choose_series(study, options.series_uid);
  describe_study(source, study, analysis.result);
  if (const auto refusal = intake::study_refusal(study, source.path().string()))
    throw Error(*refusal);
  const intake::Series* series = study.chosen();
  if (!series) throw Error("internal"_code, {{"detail", "no series was chosen or refused"}});
  clock.start("hash");
  analysis.result.provenance.input_sha256 = source.content_hash(*series);
  if (study.kind == intake::StudyKind::ct)
    run_ct(source, study, *series, models, options, clock, progress, analysis);
  else
    run_xray(source, study, *series, models, options, clock, progress, analysis);
  analysis.dicom = dicom_source(study, *series, analysis.ct ? &*analysis.ct : nullptr);
}

}  // namespace

Notice notice_of(const std::exception& error) {
  if (const auto* known = dynamic_cast<const Error*>(&error)) return known->notice();
  if (dynamic_cast<const std::bad_alloc*>(&error)) return {"out_of_memory"_code, {}};
  return {"internal"_code, {{"detail", error.what()}}};
}

StudyAnalysis analyse_study(intake::Source& source, intake::Study& study, const Models& models,
                            const Options& options, StageClock& clock, const Progress& progress) {
  StudyAnalysis analysis;
  analysis.result.provenance.program_version = kVersion;
  try {
    analyse(source, study, models, options, clock, progress, analysis);
  } catch (const std::exception& error) {
    const Notice notice = notice_of(error);
    if (notice.code == "cancelled"_code) throw;
    if (analysis.result.series.empty()) describe_study(source, study, analysis.result);
    analysis.result.failure = notice;
  }
  clock.stop();
  return analysis;
}

}  // namespace thorax::pipeline
