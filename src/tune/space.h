// What is searched: settings with the values that they may take.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace thorax::tune {

/// One setting. Its coordinate is the value, the logarithm of the value, or the place of a choice.
struct Dimension {
  std::string key;
  double low = 0, high = 0;  ///< of the value
  bool logarithmic = false, integer = false;
  std::vector<std::string> choices;  ///< texts of the setting; empty for a range

  double lowest() const;   ///< coordinate
  double highest() const;  ///< coordinate
  bool whole() const;      ///< whether coordinates are whole numbers
  /// The setting's text at a coordinate.
  std::string text(double coordinate) const;
};

using Point = std::vector<double>;  ///< one coordinate a dimension

/// From nested objects whose leaves are {"low": 1e-4, "high": 0.1, "scale": "log" | "linear",
/// "type": "integer" | "real"} or {"choices": [...]}; the keys on the way are the setting's. Sorted
/// by key. Throws Error("bad_option"_code) naming `search.parameters` and what is wrong.
std::vector<Dimension> read_space(const nlohmann::json& parameters);

}  // namespace thorax::tune
