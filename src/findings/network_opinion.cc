#include "findings/network_opinion.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace thorax::findings {
namespace {

[[noreturn]] void misfit(const std::string& model, const std::string& detail) {
  throw Error("bad_model"_code, {{"path", model}, {"detail", detail}});
}

int severity_rank(const Scorecard& scorecard, const std::string& id) {
  const auto& order = scorecard.severity_order;
  const auto at = std::find(order.begin(), order.end(), id);
  return at == order.end() ? 0 : static_cast<int>(at - order.begin()) + 1;
}

std::string worst(const std::vector<NetworkFinding>& findings) {
  std::string id;
  int rank = std::numeric_limits<int>::max();
  for (const NetworkFinding& finding : findings)
    if (finding.positive && finding.severity_rank > 0 && finding.severity_rank < rank) {
      rank = finding.severity_rank;
      id = finding.id;
    }
  return id;
}

}  // namespace

NetworkOpinion judge_pathology(const std::string& model, std::span<const float> logits) {
  if (logits.size() != 2) misfit(model, "a pathology head has two outputs");
  NetworkOpinion opinion;
  opinion.model = model;
  opinion.probability = 1 / (1 + std::exp(double{logits[0]} - double{logits[1]}));
  return opinion;
}

NetworkOpinion judge_findings(const std::string& model, std::span<const float> logits,
                              const std::vector<std::string>& labels,
                              const std::vector<double>& thresholds, const Scorecard& scorecard) {
  std::vector<double> probabilities;
  for (const float logit : logits) probabilities.push_back(1 / (1 + std::exp(-double{logit})));
  return judge_probabilities(model, probabilities, labels, thresholds, scorecard);
}

NetworkOpinion judge_probabilities(const std::string& model, std::span<const double> probabilities,
                                   const std::vector<std::string>& labels,
                                   const std::vector<double>& thresholds,
                                   const Scorecard& scorecard) {
  if (labels.size() != probabilities.size())
    misfit(model, std::to_string(labels.size()) + " labels for " +
                      std::to_string(probabilities.size()) + " outputs");
  if (!thresholds.empty() && thresholds.size() != labels.size())
    misfit(model, std::to_string(thresholds.size()) + " thresholds for " +
                      std::to_string(labels.size()) + " labels");
  NetworkOpinion opinion;
  opinion.model = model;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const ScoredClass* known = scorecard.find(labels[i]);
    NetworkFinding finding{.id = labels[i],
                           .name = known ? known->name : Text{labels[i], labels[i]},
                           .probability = probabilities[i],
                           .threshold = thresholds.empty() ? 0.5 : thresholds[i],
                           .severity_rank = severity_rank(scorecard, labels[i])};
    finding.positive = finding.probability > finding.threshold;
    opinion.findings.push_back(std::move(finding));
  }
  opinion.most_dangerous = worst(opinion.findings);
  return opinion;
}

void combine(Decision& decision, const std::vector<NetworkOpinion>& opinions) {
  const auto decisive = std::find_if(opinions.begin(), opinions.end(), [](const auto& opinion) {
    return opinion.decides && opinion.probability;
  });
  if (decisive == opinions.end()) return;
  Verdict& verdict = decision.verdict;
  verdict.probability = *decisive->probability;
  verdict.calibrated = false;
  if (decisive->series) {
    verdict.band_low = decisive->series->band.low;
    verdict.band_high = decisive->series->band.high;
  }
  verdict.kind = verdict.probability > verdict.band_low && verdict.probability < verdict.band_high
                     ? VerdictKind::uncertain
                 : verdict.probability > decisive->threshold ? VerdictKind::pathology
                                                             : VerdictKind::normal;
  if (verdict.kind == VerdictKind::normal) {
    verdict.most_dangerous.clear();
    return;
  }
  for (const NetworkOpinion& opinion : opinions)
    if (!opinion.most_dangerous.empty()) {
      verdict.most_dangerous = opinion.most_dangerous;
      return;
    }
  if (verdict.most_dangerous.empty() && verdict.kind == VerdictKind::pathology)
    verdict.most_dangerous = kUndetermined.ru;
}

}  // namespace thorax::findings
