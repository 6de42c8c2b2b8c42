// JSON values as text.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace thorax::report {

/// Indented by two spaces, except that an array of numbers stands on one line.
std::string json_text(const nlohmann::ordered_json& value);

}  // namespace thorax::report
