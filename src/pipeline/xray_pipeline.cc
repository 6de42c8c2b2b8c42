#include "pipeline/xray_pipeline.h"

#include "base/error.h"
#include "pipeline/study_rows.h"
#include "quality/gate.h"
#include "quality/trust.h"

namespace thorax::pipeline {

void run_xray(intake::Source& source, const intake::Study&, const intake::Series& series,
              StageClock& clock, const Progress& progress, StudyAnalysis& analysis) {
  report::StudyResult& result = analysis.result;
  clock.start("read");
  progress.report("read", 0);
  analysis.radiograph = source.load_image(series);
  analysis.view_position = series.header.view_position;
  result.notices.insert(result.notices.end(), analysis.radiograph->notices.begin(),
                        analysis.radiograph->notices.end());

  clock.start("quality");
  progress.report("quality", 0.5);
  const quality::GateResult gate =
      quality::check_chest_xray(series.header, analysis.radiograph->image);
  gate.require();
  const quality::TrustVerdict verdict = quality::judge_xray(gate);
  result.trust = trust_of(verdict.trust);
  result.trust_reasons = verdict.reasons;
  throw Error(Code::no_xray_model);
}

}  // namespace thorax::pipeline
