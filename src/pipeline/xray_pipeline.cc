#include "pipeline/xray_pipeline.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/error.h"
#include "pipeline/case_reader.h"
#include "pipeline/study_rows.h"
#include "quality/gate.h"
#include "quality/trust.h"

namespace thorax::pipeline {
namespace {

/// In words, as a reader who stands before a frontal view sees the patient. The network was never
/// shown where a disease is: the words say whose word this is.
Text where_in_picture(double down, double right) {
  const Text side = right < 0.4 ? Text{"the patient's right side", "правая сторона пациента"}
                    : right > 0.6 ? Text{"the patient's left side", "левая сторона пациента"}
                                  : Text{"midline", "срединная область"};
  const Text third = down < 1.0 / 3   ? Text{"upper third", "верхняя треть"}
                     : down < 2.0 / 3 ? Text{"middle third", "средняя треть"}
                                      : Text{"lower third", "нижняя треть"};
  return {"by the heat map, " + side.en + ", " + third.en + " of the picture",
          "по тепловой карте, " + side.ru + ", " + third.ru + " снимка"};
}

report::HeatLayer layer_of(const XrayAnswer& answer) {
  report::HeatLayer layer;
  layer.height = answer.heat->height;
  layer.width = answer.heat->width;
  layer.values = answer.heat->drop;
  layer.top = answer.seen.top;
  layer.left = answer.seen.left;
  layer.shown_height = answer.seen.height;
  layer.shown_width = answer.seen.width;
  return layer;
}

/// Where the heat is highest; nothing where there is hardly any.
std::optional<Place> hottest(const report::HeatLayer& heat, const volume::Image& image) {
  const auto top = std::ranges::max_element(heat.values);
  if (top == heat.values.end() || *top < report::kFaintHeat) return {};
  const auto at = static_cast<int>(top - heat.values.begin());
  const int down = at / heat.width, across = at % heat.width;
  // What the network sees may reach beyond the picture, whose edge is repeated there.
  const double row = std::clamp(heat.top + (down + 0.5) / heat.height * heat.shown_height, 0.0,
                                image.height - 1.0);
  const double column = std::clamp(heat.left + (across + 0.5) / heat.width * heat.shown_width, 0.0,
                                   image.width - 1.0);
  Place place;
  place.voxel = {0, static_cast<int>(row), static_cast<int>(column)};
  place.where = where_in_picture(row / image.height, column / image.width);
  return place;
}

findings::NetworkOpinion opinion_of(const std::string& model, const findings::Decision& decision) {
  findings::NetworkOpinion opinion;
  opinion.model = model;
  opinion.probability = decision.verdict.probability;
  opinion.most_dangerous = decision.verdict.most_dangerous;
  opinion.decides = true;
  for (const findings::Finding& finding : decision.findings)
    opinion.findings.push_back({finding.id, finding.name, finding.score, finding.threshold,
                                finding.positive, finding.severity_rank});
  return opinion;
}

/// Throws Error when this is no chest radiograph.
void judge_quality(const intake::Series& series, const volume::Image& image,
                   report::StudyResult& result) {
  const quality::GateResult gate = quality::check_chest_xray(series.header, image);
  gate.require();
  const quality::TrustVerdict verdict = quality::judge_xray(gate);
  result.trust = trust_of(verdict.trust);
  result.trust_reasons = verdict.reasons;
}

std::string rounded(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

/// Notices of a patient or a picture that the model was not made for. Then the verdict is left
/// open, and there is no heat map of what speaks for it.
void check_scope(const findings::PictureModel& model, const std::optional<findings::Novelty>& seen,
                 const std::string& name, StudyAnalysis& analysis) {
  report::StudyResult& result = analysis.result;
  std::vector<Notice> doubts;
  if (model.population)
    if (const auto notice = findings::check_age(*model.population, name, result.patient_age)) {
      if (notice->severity() == Severity::warning)
        doubts.push_back(*notice);
      else
        result.notices.push_back(*notice);
    }
  if (seen && seen->outside())
    doubts.push_back(
        {"outside_training"_code,
         {{"model", name}, {"value", rounded(seen->distance)}, {"limit", rounded(seen->limit)}}});
  if (doubts.empty()) return;
  findings::leave_open(*result.decision, findings::names_of(model));
  result.networks[0].decides = false;
  analysis.heat.reset();
  if (result.trust == report::Trust::good) result.trust = report::Trust::usable;
  result.trust_reasons.insert(result.trust_reasons.end(), doubts.begin(), doubts.end());
}

void ask_network(const Models& models, const intake::Series& series, const Options& options,
                 const Progress& progress, StudyAnalysis& analysis) {
  const XrayNetwork& network = models.xray;
  report::StudyResult& result = analysis.result;
  const volume::Image& image = analysis.radiograph->image;
  result.provenance.models = {network.provenance()};
  const std::lock_guard turn(*models.network_turn);
  XrayAnswer answer =
      network.judge(image, !is_picture_file(series), options.models.heat_map, progress);
  findings::Decision decision =
      findings::decide_picture(network.model(), answer.logits, options.verdict.miss_rate,
                               options.verdict.band_low, options.verdict.band_high);
  if (answer.heat) {
    analysis.heat = layer_of(answer);
    if (const auto place = hottest(*analysis.heat, image))
      for (findings::Finding& finding : decision.findings)
        if (finding.positive) finding.places.push_back(*place);
  }
  const std::string& name = result.provenance.models[0].name;
  result.networks = {opinion_of(name, decision)};
  result.networks[0].novelty = answer.novelty;
  analysis.embedding = std::move(answer.embedding);
  result.decision = std::move(decision);
  check_scope(network.model(), answer.novelty, name, analysis);
}

}  // namespace

void run_xray(intake::Source& source, const intake::Study&, const intake::Series& series,
              const Models& models, const Options& options, StageClock& clock,
              const Progress& progress, StudyAnalysis& analysis) {
  report::StudyResult& result = analysis.result;
  clock.start("read");
  progress.report("read", 0);
  analysis.radiograph = source.load_image(series);
  analysis.view_position = series.header.view_position;
  result.notices.insert(result.notices.end(), analysis.radiograph->notices.begin(),
                        analysis.radiograph->notices.end());

  clock.start("quality");
  progress.report("quality", 0.2);
  judge_quality(series, analysis.radiograph->image, result);
  if (models.xray.empty()) throw Error("no_xray_model"_code);

  clock.start("networks");
  ask_network(models, series, options, progress.part(0.3, 1), analysis);
}

}  // namespace thorax::pipeline
