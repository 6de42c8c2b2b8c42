#include "pipeline/xray_pipeline.h"

#include "base/error.h"

namespace thorax::pipeline {

void run_xray(intake::Source& source, const intake::Study&, const intake::Series& series,
              StageClock& clock, const Progress& progress, StudyAnalysis& analysis) {
  clock.start("read");
  progress.report("read", 0);
  analysis.radiograph = source.load_image(series);
  report::StudyResult& result = analysis.result;
  result.notices.insert(result.notices.end(), analysis.radiograph->notices.begin(),
                        analysis.radiograph->notices.end());
  throw Error(Code::no_xray_model);
}

}  // namespace thorax::pipeline
