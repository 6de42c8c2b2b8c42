// From measurements to findings and a verdict, by a scorecard that a person can check.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/measurement.h"
#include "base/place.h"
#include "findings/scorecard.h"

namespace thorax::findings {

/// One measured value that speaks for or against a finding.
struct Evidence {
  std::string measurement_id;
  Text name;
  double value = 0;
  double cutoff = 0;
  std::string unit;
  int decimals = 1;
  double score = 0;  ///< what this value alone contributes, in [0, 1]
  Text source;       ///< of the cut-off
};

struct Finding {
  std::string id;  ///< class name of the catalogue of findings, e.g. "Pleural effusion"
  Text name;
  bool analysed = false;
  Text not_analysed_why;
  double score = 0;  ///< in [0, 1]; a probability only when the model is calibrated
  double threshold = 0.5;
  bool positive = false;
  int severity_rank = 0;  ///< 1 is the most dangerous
  bool counts_as_pathology = true;
  std::vector<Evidence> evidence;
  std::vector<Place> places;  ///< most important first
};

enum class VerdictKind { normal, pathology, uncertain };

/// What a model with a promised miss rate leaves open (evaluate/conformal.h).
struct PredictionSet {
  double miss_rate = 0.05;    ///< at most this share of cases of a class lacks it in its set
  std::vector<Text> classes;  ///< that cannot be ruled out; may be several, or none
};

struct Verdict {
  VerdictKind kind = VerdictKind::uncertain;
  double probability = 0;  ///< of any pathology
  bool calibrated = false;
  double band_low = 0.45, band_high = 0.55;  ///< strictly inside is "uncertain"
  std::string most_dangerous;                ///< id of a finding; empty when normal
  std::optional<PredictionSet> set;          ///< then it decides, not the band
  bool in_scope = true;  ///< false: the patient or the picture is not what the model was made for
};

struct Decision {
  std::vector<Finding> findings;  ///< in the class order of the model
  Verdict verdict;
};

/// Applies a scorecard. `places` maps a finding id to where it was seen. Pure and deterministic.
Decision decide(const Scorecard& scorecard, const Measurements& measurements,
                const std::map<std::string, std::vector<Place>>& places, double band_low,
                double band_high);

}  // namespace thorax::findings
