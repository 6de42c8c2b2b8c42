#include "nets/config.h"

#include "base/error.h"

namespace thorax::nets {

Config::Config(std::string network, const nlohmann::json& values)
    : network_(std::move(network)), values_(values) {
  if (!values_.is_object()) fail("it is not an object");
}

const nlohmann::json* Config::find(const std::string& key) {
  read_.insert(key);
  const auto value = values_.find(key);
  return value == values_.end() ? nullptr : &*value;
}

void Config::finish() const {
  std::string unknown;
  for (const auto& [key, value] : values_.items())
    if (!read_.contains(key)) unknown += (unknown.empty() ? "" : ", ") + key;
  if (!unknown.empty()) fail("not known: " + unknown);
}

void Config::fail(const std::string& detail) const {
  throw Error("bad_network_config"_code, {{"network", network_}, {"detail", detail}});
}

}  // namespace thorax::nets
