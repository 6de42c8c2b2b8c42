// Holds answers of the service to docs/openapi.json.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace thorax::testing_support {

/// What is wrong with an answer, nothing when it is as described. The part of JSON Schema that the
/// description uses is understood; any other keyword is a fault, so that none is passed over.
class OpenApi {
 public:
  OpenApi();

  std::vector<std::string> faults(const std::string& method, const std::string& path, int status,
                                  const std::string& content_type, const std::string& body) const;
  /// "GET /api/v1/jobs/{id}" of everything described.
  std::vector<std::string> operations() const;
  /// Whether nobody has to sign in for it.
  bool is_open(const std::string& method, const std::string& path) const;
  /// The described path that fits an address; empty when none does.
  std::string described_path(const std::string& path) const;

  void validate(const nlohmann::json& value, const nlohmann::json& schema, const std::string& where,
                std::vector<std::string>& faults) const;

 private:
  const nlohmann::json& resolved(const nlohmann::json& node) const;
  bool has_type(const nlohmann::json& value, const std::string& type) const;
  void validate_object(const nlohmann::json& value, const nlohmann::json& schema,
                       const std::string& where, std::vector<std::string>& faults) const;

  nlohmann::json document_;
};

}  // namespace thorax::testing_support
