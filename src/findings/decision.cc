#include "findings/decision.h"

#include <algorithm>
#include <limits>

#include "base/error.h"

namespace thorax::findings {
namespace {

Text not_measured(const std::vector<Term>& terms, const Measurements& measurements) {
  for (const Term& term : terms)
    if (const Text* why = measurements.why_omitted(term.measurement_id))
      return {"not measured: " + why->en, "не измерено: " + why->ru};
  return {"the organ could not be outlined well enough to measure it",
          "орган не удалось выделить достаточно точно для измерения"};
}

Finding score(const Scorecard& card, const ScoredClass& c, const Measurements& measurements) {
  Finding finding;
  finding.id = c.id;
  finding.name = c.name;
  finding.threshold = c.threshold;
  const auto rank = std::find(card.severity_order.begin(), card.severity_order.end(), c.id);
  finding.severity_rank = static_cast<int>(rank - card.severity_order.begin()) + 1;
  finding.counts_as_pathology = c.pathology_weight > 0;
  if (c.terms.empty()) {
    finding.not_analysed_why = c.not_analysed_why;
    return finding;
  }
  double absent = 1;
  for (const Term& term : c.terms) {
    const Measurement* m = measurements.find(term.measurement_id);
    if (!m) continue;
    Evidence evidence{.measurement_id = m->id,
                      .name = m->name,
                      .value = m->value,
                      .cutoff = term.cutoff,
                      .unit = m->unit,
                      .decimals = m->decimals,
                      .score = term.score(m->value) * card.reliability_factor.at(m->reliability),
                      .source = term.source};
    absent *= 1 - evidence.score;
    finding.evidence.push_back(std::move(evidence));
  }
  finding.analysed = !finding.evidence.empty();
  if (!finding.analysed) {
    finding.not_analysed_why = not_measured(c.terms, measurements);
    return finding;
  }
  finding.score = 1 - absent;
  finding.positive = finding.score > c.threshold;
  return finding;
}

Verdict judge(const Scorecard& card, const std::vector<Finding>& findings, double band_low,
              double band_high) {
  Verdict verdict{.calibrated = card.calibrated, .band_low = band_low, .band_high = band_high};
  double absent = 1;
  bool any = false;
  int worst = std::numeric_limits<int>::max();
  for (const Finding& finding : findings) {
    if (!finding.analysed) continue;
    any = true;
    absent *= 1 - card.find(finding.id)->pathology_weight * finding.score;
    if (finding.positive && finding.counts_as_pathology && finding.severity_rank < worst) {
      worst = finding.severity_rank;
      verdict.most_dangerous = finding.id;
    }
  }
  if (!any)
    throw Error("internal"_code, {{"detail", "no finding of the scorecard could be measured"}});
  verdict.probability = 1 - absent;
  if (verdict.probability > band_low && verdict.probability < band_high)
    verdict.kind = VerdictKind::uncertain;
  else
    verdict.kind = verdict.probability > 0.5 ? VerdictKind::pathology : VerdictKind::normal;
  return verdict;
}

}  // namespace

Decision decide(const Scorecard& scorecard, const Measurements& measurements,
                const std::map<std::string, std::vector<Place>>& places, double band_low,
                double band_high) {
  Decision decision;
  for (const ScoredClass& c : scorecard.classes) {
    Finding finding = score(scorecard, c, measurements);
    if (const auto it = places.find(c.id); it != places.end()) finding.places = it->second;
    decision.findings.push_back(std::move(finding));
  }
  decision.verdict = judge(scorecard, decision.findings, band_low, band_high);
  if (decision.verdict.kind == VerdictKind::normal) decision.verdict.most_dangerous.clear();
  return decision;
}

}  // namespace thorax::findings
