// What a model was made for, and what becomes of its answer outside of that.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/notice.h"
#include "findings/decision.h"

namespace thorax::findings {

/// The patients that a model was made for, in completed years of age.
struct Population {
  int from = 0, to = 0;  ///< both are inside
};

/// The manifest's "population": {"age_years": {"from", "to"}}. Throws std::invalid_argument or what
/// nlohmann::json throws.
std::optional<Population> population_of(const nlohmann::json& manifest);

/// outside_population for another age, population_unknown without one, nothing inside.
std::optional<Notice> check_age(const Population& population, const std::string& model,
                                std::optional<double> age_years);

/// How unlike its training pictures a model finds a picture (evaluate/novelty.h).
struct Novelty {
  double distance = 0;
  double limit = 0;             ///< above it the model's answer does not count
  double false_alarm_rate = 0;  ///< share of pictures like those of training that are above it

  bool outside() const { return distance > limit; }
};

/// Makes the verdict uncertain: no class can be ruled out, and no finding counts as analysed. The
/// probability stays, for the record.
void leave_open(Decision& decision, const std::vector<Text>& classes);

}  // namespace thorax::findings
