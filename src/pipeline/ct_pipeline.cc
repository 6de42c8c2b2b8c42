#include "pipeline/ct_pipeline.h"

#include "base/error.h"
#include "findings/decision.h"
#include "pipeline/lesions.h"
#include "pipeline/study_rows.h"
#include "quality/gate.h"
#include "quality/trust.h"

namespace thorax::pipeline {
namespace {

void append(std::vector<Notice>& to, const std::vector<Notice>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

/// Throws Error when this is no chest or cannot be relied on.
quality::QualityReport judge(const intake::Series& series, const intake::LoadedVolume& ct,
                             report::StudyResult& result) {
  const quality::GateResult gate = quality::check_chest_ct(series.header, ct);
  gate.require();
  quality::QualityReport quality = quality::measure_quality(series, ct, gate.lungs);
  const quality::TrustVerdict verdict = quality::judge_ct(gate, ct.geometry, quality);
  result.quality = quality.values;
  append(result.notices, quality.notices);
  result.trust = trust_of(verdict.trust);
  result.trust_reasons = verdict.reasons;
  if (verdict.trust == quality::Trust::unfit) throw Error(verdict.reasons.at(0));
  return quality;
}

measure::CtContext context_of(const intake::Series& series, const quality::QualityReport& quality) {
  measure::CtContext context;
  if (!series.instances.empty())
    context.slice_thickness_mm = series.instances.front().slice_thickness.value_or(0);
  context.kernel = series.header.kernel;
  context.contrast = !series.header.contrast_agent.empty();
  context.noise_hu = quality.values.value("quality.noise.soft_tissue").value_or(0);
  return context;
}

report::Histogram histogram_of(const std::vector<std::uint64_t>& counts) {
  report::Histogram histogram{-1024, 1, {}};
  histogram.counts.assign(counts.begin(), counts.end());
  return histogram;
}

}  // namespace

void run_ct(intake::Source& source, const intake::Study&, const intake::Series& series,
            const Models& models, const Options& options, StageClock& clock,
            const Progress& progress, StudyAnalysis& analysis) {
  report::StudyResult& result = analysis.result;
  const findings::Scorecard& model = models.ct;
  result.provenance.models = {{model.name, model.version, model.sha256}};

  clock.start("read");
  analysis.ct = source.load_volume(series, progress.part(0, 0.3));
  append(result.notices, analysis.ct->notices);

  clock.start("quality");
  progress.report("quality", 0.3);
  const quality::QualityReport quality = judge(series, *analysis.ct, result);

  clock.start("measure");
  analysis.measured =
      measure::measure_ct(analysis.ct->hu, context_of(series, quality), progress.part(0.35, 0.85));
  const measure::CtMeasurements& measured = *analysis.measured;
  result.measurements = measured.values;
  append(result.notices, measured.notices);
  if (!measured.lung_histogram.empty())
    result.lung_histogram = histogram_of(measured.lung_histogram);

  clock.start("decide");
  result.lesions = lesion_rows(measured);
  result.decision = findings::decide(model, measured.values, finding_places(measured),
                                     options.verdict.band_low, options.verdict.band_high);
  if (models.ct_networks.empty()) return;
  clock.start("networks");
  const auto used = models.ct_networks.models();
  result.provenance.models.insert(result.provenance.models.end(), used.begin(), used.end());
  result.networks = models.ct_networks.judge(analysis.ct->hu, model, progress.part(0.85, 1));
  findings::combine(*result.decision, result.networks);
}

}  // namespace thorax::pipeline
