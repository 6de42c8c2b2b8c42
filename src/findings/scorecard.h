// A scorecard model: every finding's score is a stated function of measurements. Its constants
// live in the manifest (models/<name>/model.json), never in the code.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/text.h"

namespace thorax::findings {

/// score(v) = 1 / (1 + exp(-(v - cutoff) / scale)); a negative scale makes low values count.
struct Term {
  std::string measurement_id;
  double cutoff = 0;
  double scale = 1;
  double weight = 1;   ///< multiplies the score before the terms are joined
  std::string source;  ///< the paper the cut-off is from
};

struct ScoredClass {
  std::string id;
  Text name;
  std::vector<Term> terms;  ///< joined by noisy-or; empty: not analysed
  Text not_analysed_why;
  double threshold = 0.5;
  bool counts_as_pathology = true;
  double pathology_weight = 1;  ///< weight in the study's noisy-or
};

struct Scorecard {
  std::string name, version, sha256;
  Text description;
  bool calibrated = false;
  std::vector<ScoredClass> classes;         ///< output order
  std::vector<std::string> severity_order;  ///< ids, most dangerous first
};

/// Reads a model folder's model.json; throws Error when it is not a valid scorecard.
Scorecard load_scorecard(const std::filesystem::path& folder);

}  // namespace thorax::findings
