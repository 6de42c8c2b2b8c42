// A network's configuration, read key by key; what is left unread is an error.
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace thorax::nets {

class Config {
 public:
  /// `network` is for errors; `values` has to outlive this and be an object.
  Config(std::string network, const nlohmann::json& values);

  /// Throws Error("bad_network_config"_code) when the key is absent or of another type.
  template <class T>
  T need(const std::string& key);
  /// Leaves `value` as it is when the key is absent.
  template <class T>
  void maybe(const std::string& key, T& value);
  /// Throws Error("bad_network_config"_code) naming keys that nobody asked for.
  void finish() const;

 private:
  [[noreturn]] void fail(const std::string& detail) const;
  const nlohmann::json* find(const std::string& key);

  std::string network_;
  const nlohmann::json& values_;
  std::set<std::string> read_;
};

template <class T>
T Config::need(const std::string& key) {
  const nlohmann::json* value = find(key);
  if (!value) fail(key + " is absent");
  try {
    return value->get<T>();
  } catch (const nlohmann::json::exception&) {
    fail(key + " cannot be " + value->dump());
  }
}

template <class T>
void Config::maybe(const std::string& key, T& value) {
  if (find(key)) value = need<T>(key);
}

}  // namespace thorax::nets
