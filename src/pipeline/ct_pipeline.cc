#include "pipeline/ct_pipeline.h"

#include "base/error.h"
#include "findings/decision.h"
#include "pipeline/lesions.h"
#include "pipeline/study_rows.h"
#include "quality/trust.h"

namespace thorax::pipeline {
namespace {

void append(std::vector<Notice>& to, const std::vector<Notice>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

std::optional<quality::BodyPartOpinion> body_part_opinion(const Models& models,
                                                          const volume::CtVolume& hu,
                                                          const Progress& progress) {
  if (models.ct_body_part.empty()) return {};
  const std::lock_guard turn(*models.network_turn);
  return models.ct_body_part.look(hu, progress);
}

/// The chest gate, and what a network of body parts says beside it. Throws Error when this is no
/// chest.
quality::GateResult pass_gate(const intake::Series& series, const intake::LoadedVolume& ct,
                              const Models& models, const Progress& progress,
                              report::StudyResult& result) {
  quality::GateResult gate = quality::check_chest_ct(series.header, ct);
  if (const auto opinion = body_part_opinion(models, ct.hu, progress)) {
    const std::vector<Notice> differences = quality::compare(gate, *opinion);
    result.body_part = body_part_row(*opinion, differences.empty());
    result.provenance.models.push_back(models.ct_body_part.model());
    append(gate.chest ? gate.reasons : result.notices, differences);
  }
  gate.require();
  return gate;
}

/// Throws Error when this cannot be relied on.
quality::QualityReport judge(const quality::GateResult& gate, const intake::Series& series,
                             const intake::LoadedVolume& ct, report::StudyResult& result) {
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
  const quality::GateResult gate =
      pass_gate(series, *analysis.ct, models, progress.part(0.3, 0.35), result);
  const quality::QualityReport quality = judge(gate, series, *analysis.ct, result);

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
  if (models.ct_networks.empty() && models.ct_slabs.empty() && models.ct_segmentation.empty())
    return;
  clock.start("networks");
  const auto use = [&](const std::vector<report::Provenance::Model>& used) {
    result.provenance.models.insert(result.provenance.models.end(), used.begin(), used.end());
  };
  const std::lock_guard turn(*models.network_turn);
  use(models.ct_networks.models());
  CtNetworks::Judged judged =
      models.ct_networks.judge(analysis.ct->hu, model, progress.part(0.85, 0.9));
  result.networks = std::move(judged.opinions);
  analysis.embedding = std::move(judged.embedding);
  if (!models.ct_slabs.empty()) {
    use(models.ct_slabs.models());
    result.networks.push_back(models.ct_slabs.judge(analysis.ct->hu, progress.part(0.9, 0.92)));
  }
  if (!models.ct_segmentation.empty()) {
    use(models.ct_segmentation.models());
    CtSegmentation::Seen seen =
        models.ct_segmentation.look(analysis.ct->hu, model, progress.part(0.92, 1));
    analysis.organs = std::move(seen.labels);
    result.organs = std::move(seen.organs);
    result.draft = std::move(seen.draft);
    if (seen.opinion) result.networks.push_back(std::move(*seen.opinion));
  }
  findings::combine(*result.decision, result.networks);
}

}  // namespace thorax::pipeline
