// Reference numbers of tests/golden.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace thorax::learn::testing_support {

inline nlohmann::json reference(const std::string& name, const std::string& config = "all") {
  std::ifstream file(THORAX_SOURCE_DIR "/tests/golden/" + name + "/" + config + "/golden.json");
  return nlohmann::json::parse(file);
}

}  // namespace thorax::learn::testing_support
