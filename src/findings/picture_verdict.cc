#include "findings/picture_verdict.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "evaluate/calibration.h"
#include "evaluate/kept_calibration.h"

namespace thorax::findings {
namespace {

using nlohmann::json;

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c == '_' ? ' ' : c;
  });
  return text;
}

bool sounds_normal(const std::string& label) {
  const std::string name = lower(label);
  return name == "normal" || name == "no finding";
}

std::optional<PictureModel> parse(const std::vector<std::string>& labels, const json& manifest) {
  PictureModel model;
  const std::string wanted = manifest.value("normal", "");
  const auto normal = std::ranges::find_if(labels, [&](const std::string& label) {
    return wanted.empty() ? sounds_normal(label) : label == wanted;
  });
  if (normal == labels.end()) {
    if (wanted.empty()) return {};
    throw std::invalid_argument("normal: no label " + wanted);
  }
  if (labels.size() < 2) throw std::invalid_argument("labels: at least two are needed");
  model.normal = static_cast<std::size_t>(normal - labels.begin());
  const json names = manifest.value("names", json::object());
  for (const std::string& label : labels) {
    Text name{label, label};
    if (names.contains(label))
      name = {names.at(label).at("en").get<std::string>(),
              names.at(label).at("ru").get<std::string>()};
    model.classes.push_back({label, name});
  }
  model.population = population_of(manifest);
  if (manifest.contains("calibration")) {
    const evaluate::Fitted kept = evaluate::read_calibration(manifest.at("calibration"), labels);
    model.temperature = kept.temperature;
    model.calibrated = true;
    model.conformal = kept.conformal;
  }
  return model;
}

VerdictKind kind_of_set(const std::vector<int>& set, std::size_t normal) {
  const bool may_be_normal = std::ranges::find(set, static_cast<int>(normal)) != set.end();
  if (set.empty() || (may_be_normal && set.size() > 1)) return VerdictKind::uncertain;
  return may_be_normal ? VerdictKind::normal : VerdictKind::pathology;
}

int likeliest_pathology(std::span<const double> probabilities, std::size_t normal) {
  std::size_t best = normal == 0 ? 1 : 0;
  for (std::size_t k = 0; k < probabilities.size(); ++k)
    if (k != normal && probabilities[k] > probabilities[best]) best = k;
  return static_cast<int>(best);
}

VerdictKind kind_in_band(const Verdict& verdict) {
  if (verdict.probability > verdict.band_low && verdict.probability < verdict.band_high)
    return VerdictKind::uncertain;
  return verdict.probability > 0.5 ? VerdictKind::pathology : VerdictKind::normal;
}

}  // namespace

std::optional<PictureModel> picture_model(const std::string& name,
                                          const std::vector<std::string>& labels,
                                          const json& manifest) {
  const auto fail = [&](const char* what) {
    return Error("bad_model"_code, {{"path", name + "/model.json"}, {"detail", what}});
  };
  try {
    return parse(labels, manifest);
  } catch (const json::exception& problem) {
    throw fail(problem.what());
  } catch (const std::invalid_argument& problem) {
    throw fail(problem.what());
  }
}

std::vector<Text> names_of(const PictureModel& model) {
  std::vector<Text> names;
  for (const PictureClass& one : model.classes) names.push_back(one.name);
  return names;
}

double pathology_log_odds(const PictureModel& model, std::span<const double> logits) {
  double top = -HUGE_VAL, sum = 0;
  for (std::size_t k = 0; k < logits.size(); ++k)
    if (k != model.normal) top = std::max(top, logits[k]);
  for (std::size_t k = 0; k < logits.size(); ++k)
    if (k != model.normal) sum += std::exp(logits[k] - top);
  return top + std::log(sum) - logits[model.normal];
}

Decision decide_picture(const PictureModel& model, std::span<const double> logits, double miss_rate,
                        double band_low, double band_high) {
  if (logits.size() != model.classes.size())
    throw Error("bad_tensors"_code,
                {{"detail", std::to_string(model.classes.size()) + " classes, " +
                                std::to_string(logits.size()) + " logits"}});
  const std::vector<double> probabilities = evaluate::softmax(logits, model.temperature);
  Decision decision;
  Verdict& verdict = decision.verdict;
  verdict.calibrated = model.calibrated;
  verdict.band_low = band_low;
  verdict.band_high = band_high;
  verdict.probability = 1 - probabilities[model.normal];
  std::vector<int> set;
  if (model.conformal.empty()) {
    verdict.kind = kind_in_band(verdict);
    set = {likeliest_pathology(probabilities, model.normal)};
  } else {
    set = evaluate::conformal_set(probabilities, model.conformal, miss_rate);
    verdict.kind = kind_of_set(set, model.normal);
    verdict.set = PredictionSet{miss_rate, {}};
    for (const int k : set)
      verdict.set->classes.push_back(model.classes[static_cast<std::size_t>(k)].name);
  }
  double highest = 0;
  for (std::size_t k = 0; k < probabilities.size(); ++k) {
    if (k == model.normal) continue;
    Finding finding;
    finding.id = model.classes[k].id;
    finding.name = model.classes[k].name;
    finding.analysed = true;
    finding.score = probabilities[k];
    finding.severity_rank = static_cast<int>(decision.findings.size()) + 1;
    finding.positive = verdict.kind == VerdictKind::pathology &&
                       std::ranges::find(set, static_cast<int>(k)) != set.end();
    if (finding.positive && finding.score > highest) {
      highest = finding.score;
      verdict.most_dangerous = finding.id;
    }
    decision.findings.push_back(std::move(finding));
  }
  return decision;
}

}  // namespace thorax::findings
