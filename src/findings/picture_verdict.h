// From what a network says of a picture to a verdict: normal, pathology or uncertain.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "evaluate/conformal.h"
#include "findings/scope.h"

namespace thorax::findings {

struct PictureClass {
  std::string id;  ///< the model's label
  Text name;
};

/// How the answers of a model that tells classes of pictures apart are to be read.
struct PictureModel {
  std::vector<PictureClass> classes;    ///< in output order
  std::size_t normal = 0;               ///< the class of pictures without pathology
  double temperature = 1;               ///< that logits are divided by
  bool calibrated = false;              ///< the temperature was fitted
  evaluate::ConformalScores conformal;  ///< empty: the band decides
  std::optional<Population> population;
};

/// Reads a model's manifest:
/// - "normal": label of the class without pathology; else the one called normal or no finding;
/// - "population": see scope.h;
/// - "names": {LABEL: {"en", "ru"}}, else labels are shown as they are;
/// - "calibration": {"temperature", "conformal": {LABEL: [1 - probability of the truth, …]}}.
/// Nothing when no class is known to be normal. Throws Error("bad_model"_code).
std::optional<PictureModel> picture_model(const std::string& name,
                                          const std::vector<std::string>& labels,
                                          const nlohmann::json& manifest);

/// Names of the classes, in output order.
std::vector<Text> names_of(const PictureModel& model);

/// What speaks for any pathology: its log-odds before calibration.
double pathology_log_odds(const PictureModel& model, std::span<const double> logits);

/// One finding a class that is not normal. With conformal scores the set decides: normal alone is
/// normal, pathologies without normal are pathology, both or none is uncertain. Else the
/// probability of any pathology does: strictly inside the band is uncertain, above 0.5 pathology.
/// Throws Error("bad_tensors"_code) when there is not one logit a class.
Decision decide_picture(const PictureModel& model, std::span<const double> logits, double miss_rate,
                        double band_low, double band_high);

}  // namespace thorax::findings
