#include "tune/space.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/error.h"

namespace thorax::tune {

using nlohmann::json;

namespace {

[[noreturn]] void refuse(const std::string& key, const json& value) {
  throw Error("bad_option"_code,
              {{"option", "search.parameters." + key},
               {"value", value.dump()},
               {"hint", "{low, high, scale: log, type: integer} | {choices: […]}"}});
}

std::string short_text(double value) {
  std::array<char, 32> buffer{};
  // Six digits are more than any setting deserves, and the same on every machine.
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 std::chars_format::general, 6)
                       .ptr;
  return {buffer.data(), end};
}

bool is_leaf(const json& node) {
  return node.contains("low") || node.contains("high") || node.contains("choices");
}

Dimension dimension_of(const std::string& key, const json& node) {
  Dimension dimension;
  dimension.key = key;
  for (const auto& [name, value] : node.items())
    if (name != "low" && name != "high" && name != "scale" && name != "type" && name != "choices")
      refuse(key, node);
  if (node.contains("choices")) {
    if (!node.at("choices").is_array() || node.at("choices").empty() || node.size() != 1)
      refuse(key, node);
    for (const json& choice : node.at("choices"))
      dimension.choices.push_back(choice.is_string() ? choice.get<std::string>() : choice.dump());
    return dimension;
  }
  const json low = node.value("low", json()), high = node.value("high", json());
  if (!low.is_number() || !high.is_number()) refuse(key, node);
  dimension.low = low;
  dimension.high = high;
  const json scale = node.value("scale", json("linear")), type = node.value("type", json("real"));
  dimension.logarithmic = scale == "log";
  dimension.integer = type == "integer";
  const bool known = (scale == "log" || scale == "linear") && (type == "integer" || type == "real");
  if (!known || !(dimension.low < dimension.high) || (dimension.logarithmic && dimension.low <= 0))
    refuse(key, node);
  return dimension;
}

void read(const std::string& prefix, const json& node, std::vector<Dimension>& out) {
  if (!node.is_object()) refuse(prefix, node);
  if (is_leaf(node)) {
    out.push_back(dimension_of(prefix, node));
    return;
  }
  for (const auto& [name, value] : node.items())
    read(prefix.empty() ? name : prefix + '.' + name, value, out);
}

}  // namespace

double Dimension::lowest() const {
  if (!choices.empty()) return 0;
  return logarithmic ? std::log(low) : low;
}

double Dimension::highest() const {
  if (!choices.empty()) return static_cast<double>(choices.size() - 1);
  return logarithmic ? std::log(high) : high;
}

bool Dimension::whole() const {
  return !choices.empty() || (integer && !logarithmic);
}

std::string Dimension::text(double coordinate) const {
  if (!choices.empty()) {
    const double last = static_cast<double>(choices.size() - 1);
    return choices[static_cast<std::size_t>(std::clamp(std::round(coordinate), 0.0, last))];
  }
  const double value = std::clamp(logarithmic ? std::exp(coordinate) : coordinate, low, high);
  return integer ? std::to_string(std::llround(value)) : short_text(value);
}

std::vector<Dimension> read_space(const json& parameters) {
  std::vector<Dimension> space;
  read("", parameters, space);
  if (space.empty()) refuse("", parameters);
  return space;
}

}  // namespace thorax::tune
