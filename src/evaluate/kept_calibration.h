// The calibration that a model's manifest keeps, as JSON: {"temperature": 1.2, "cases": 480,
// "conformal": {CLASS: [scores, rising], …}}; "conformal" is absent where none was measured.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "evaluate/evaluation.h"

namespace thorax::evaluate {

/// Without the threshold, which is a reader's choice. Scores are rounded up to six digits: that
/// keeps their promise.
nlohmann::json calibration_json(const Fitted& fitted, const std::vector<std::string>& classes);

/// Throws std::invalid_argument for a temperature not above 0 or scores that do not rise, and
/// nlohmann::json::exception for what is not such an object or lacks a class.
Fitted read_calibration(const nlohmann::json& calibration, const std::vector<std::string>& classes);

}  // namespace thorax::evaluate
