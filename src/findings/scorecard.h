// A scorecard model: every finding's score is a stated function of measurements. Its constants
// live in the manifest (models/<name>/model.json), never in the code.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/measurement.h"
#include "base/text.h"

namespace thorax::findings {

/// score(v) = weight / (1 + exp(-(v - cutoff) / scale)), so a value at the cut-off scores half of
/// its weight; a negative scale makes low values count.
struct Term {
  std::string measurement_id;
  double cutoff = 0;
  double scale = 1;
  double weight = 1;  ///< in (0, 1]: the highest score this value alone can give
  Text source;        ///< the paper the cut-off is from, or that it was chosen

  double score(double value) const;
};

struct ScoredClass {
  std::string id;
  Text name;
  std::vector<Term> terms;  ///< joined by noisy-or; empty: this model cannot see the finding
  Text not_analysed_why;
  double threshold = 0.5;       ///< positive when the score is strictly above
  double pathology_weight = 1;  ///< in [0, 1]: factor of the score in the study's noisy-or
};

struct Scorecard {
  std::string name, version, sha256;
  Text description;
  bool calibrated = false;
  double band_low = 0.45, band_high = 0.55;  ///< default band of "uncertain"
  /// Factor on the score of a measurement of that reliability, so that weak evidence never reaches
  /// certainty.
  std::map<Reliability, double> reliability_factor;
  std::vector<ScoredClass> classes;         ///< output order
  std::vector<std::string> severity_order;  ///< ids of all classes, most dangerous first

  const ScoredClass* find(const std::string& id) const;
};

/// Reads a model folder's model.json. Throws Error("bad_model"_code) naming the field when it is
/// not a valid scorecard, Error("no_such_input"_code) when it is absent.
Scorecard load_scorecard(const std::filesystem::path& folder);

}  // namespace thorax::findings
