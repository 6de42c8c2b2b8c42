// What a learned network says of a study, beside the measurements.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "findings/decision.h"
#include "findings/scope.h"
#include "findings/slab_decision.h"

namespace thorax::findings {

struct NetworkFinding {
  std::string id;  ///< class name, as the model's manifest has it
  Text name;
  double probability = 0;  ///< the network's own; calibrated only when the model's card says so
  double threshold = 0.5;
  bool positive = false;  ///< strictly above the threshold
  int severity_rank = 0;  ///< 1 is the most dangerous; 0 when the scorecard does not know the class
};

/// How the probability of a series came about from those of its slabs of slices.
struct SeriesScore {
  int slabs = 0;
  double first = 0;          ///< before a second opinion
  UncertaintyBand band;      ///< strictly inside it a second network is asked
  std::string second_model;  ///< that was asked; empty when none was
  double second = 0;         ///< what it said
};

struct NetworkOpinion {
  std::string model;                     ///< name of the model folder
  std::optional<double> probability;     ///< of any pathology; from networks that say it
  double threshold = 0.5;                ///< of that probability; above it is pathology
  std::optional<SeriesScore> series;     ///< of networks that read slabs of slices
  std::vector<NetworkFinding> findings;  ///< in the model's class order; may be empty
  std::optional<Novelty> novelty;        ///< from networks that know their training pictures
  std::string most_dangerous;            ///< the positive finding of the smallest rank
  bool decides = false;                  ///< its probability is the study's verdict
};

/// The type of a pathology that no class explains, as the existing service writes it.
inline const Text kUndetermined{"Pathology type cannot be determined",
                                "Невозможно определить патологию"};

/// Softmax of two logits (normal, pathology); the second is the probability of pathology.
NetworkOpinion judge_pathology(const std::string& model, std::span<const float> logits);

/// Sigmoid of one logit a class. `thresholds`: one a class, or empty for 0.5. Names and severity
/// come from the scorecard where it has the class. Throws Error("bad_model"_code) when the numbers
/// of logits, labels and thresholds differ.
NetworkOpinion judge_findings(const std::string& model, std::span<const float> logits,
                              const std::vector<std::string>& labels,
                              const std::vector<double>& thresholds, const Scorecard& scorecard);

/// The same from probabilities.
NetworkOpinion judge_probabilities(const std::string& model, std::span<const double> probabilities,
                                   const std::vector<std::string>& labels,
                                   const std::vector<double>& thresholds,
                                   const Scorecard& scorecard);

/// Lets the first opinion that decides give the verdict: its probability, with the decision's band
/// or, from slabs, its own; the most dangerous finding is the networks' where one names it, else
/// the measurements', else kUndetermined; none when the verdict is normal.
void combine(Decision& decision, const std::vector<NetworkOpinion>& opinions);

}  // namespace thorax::findings
