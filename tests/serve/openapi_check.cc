#include "serve/openapi_check.h"

#include <algorithm>
#include <regex>
#include <set>
#include <sstream>

#include "serve/openapi.h"

namespace thorax::testing_support {
namespace {

using nlohmann::json;

const std::set<std::string> kKeywords{
    "$ref",      "type",   "enum",        "const",   "properties",           "required",
    "items",     "anyOf",  "minimum",     "maximum", "additionalProperties", "pattern",
    "minLength", "format", "description", "default",
};

std::vector<std::string> parts(const std::string& path) {
  std::vector<std::string> out;
  std::istringstream stream(path);
  for (std::string part; std::getline(stream, part, '/');) out.push_back(part);
  return out;
}

bool fits(const std::string& pattern, const std::string& path) {
  const std::vector<std::string> wanted = parts(pattern), given = parts(path);
  if (wanted.size() != given.size()) return false;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (!wanted[i].starts_with('{') && wanted[i] != given[i]) return false;
  return true;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return text;
}

}  // namespace

OpenApi::OpenApi() : document_(json::parse(serve::openapi_text())) {}

const json& OpenApi::resolved(const json& node) const {
  if (!node.contains("$ref")) return node;
  const std::string pointer = node.at("$ref").get<std::string>().substr(1);
  return resolved(document_.at(json::json_pointer(pointer)));
}

bool OpenApi::has_type(const json& value, const std::string& type) const {
  if (type == "null") return value.is_null();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "array") return value.is_array();
  return type == "object" && value.is_object();
}

void OpenApi::validate_object(const json& value, const json& schema, const std::string& where,
                              std::vector<std::string>& faults) const {
  for (const json& name : schema.value("required", json::array()))
    if (!value.contains(name.get<std::string>()))
      faults.push_back(where + " lacks " + name.get<std::string>());
  const json properties = schema.value("properties", json::object());
  for (const auto& [name, member] : value.items()) {
    if (properties.contains(name)) {
      validate(member, properties.at(name), where + '.' + name, faults);
    } else if (schema.contains("additionalProperties")) {
      const json& rest = schema.at("additionalProperties");
      if (rest.is_object())
        validate(member, rest, where + '.' + name, faults);
      else if (!rest.get<bool>())
        faults.push_back(where + " has " + name + ", which is not described");
    }
  }
}

void OpenApi::validate(const json& value, const json& node, const std::string& where,
                       std::vector<std::string>& faults) const {
  const json& schema = resolved(node);
  for (const auto& [keyword, unused] : schema.items())
    if (!kKeywords.contains(keyword)) faults.push_back("unknown keyword " + keyword);
  if (schema.contains("anyOf")) {
    std::vector<std::string> of_all;
    for (const json& one : schema.at("anyOf")) {
      std::vector<std::string> of_one;
      validate(value, one, where, of_one);
      if (of_one.empty()) return;
      of_all.insert(of_all.end(), of_one.begin(), of_one.end());
    }
    faults.insert(faults.end(), of_all.begin(), of_all.end());
    return;
  }
  if (schema.contains("type")) {
    const json types = schema.at("type").is_array() ? schema.at("type") : json{schema.at("type")};
    if (std::none_of(types.begin(), types.end(),
                     [&](const json& type) { return has_type(value, type.get<std::string>()); })) {
      faults.push_back(where + " is " + value.dump() + ", not " + types.dump());
      return;
    }
  }
  if (schema.contains("enum")) {
    const json& allowed = schema.at("enum");
    if (std::find(allowed.begin(), allowed.end(), value) == allowed.end())
      faults.push_back(where + " is " + value.dump() + ", not one of " + allowed.dump());
  }
  if (value.is_number()) {
    if (value.get<double>() < schema.value("minimum", -1e300) ||
        value.get<double>() > schema.value("maximum", 1e300))
      faults.push_back(where + " is out of range: " + value.dump());
  }
  if (value.is_string()) {
    const std::string text = value.get<std::string>();
    if (schema.contains("pattern") &&
        !std::regex_search(text, std::regex(schema.at("pattern").get<std::string>())))
      faults.push_back(where + " does not look right: " + text);
    if (text.size() < schema.value("minLength", 0u)) faults.push_back(where + " is too short");
  }
  if (value.is_array() && schema.contains("items"))
    for (std::size_t i = 0; i < value.size(); ++i)
      validate(value[i], schema.at("items"), where + '[' + std::to_string(i) + ']', faults);
  if (value.is_object()) validate_object(value, schema, where, faults);
}

std::string OpenApi::described_path(const std::string& path) const {
  const auto& paths = document_.at("paths");
  if (paths.contains(path)) return path;
  for (const auto& [pattern, unused] : paths.items())
    if (fits(pattern, path)) return pattern;
  return {};
}

bool OpenApi::is_open(const std::string& method, const std::string& path) const {
  const json& operation = document_.at("paths").at(described_path(path)).at(lower(method));
  return operation.value("security", document_.at("security")).empty();
}

std::vector<std::string> OpenApi::operations() const {
  std::vector<std::string> out;
  for (const auto& [path, methods] : document_.at("paths").items())
    for (const auto& [method, unused] : methods.items()) {
      std::string name = method;
      std::transform(name.begin(), name.end(), name.begin(),
                     [](unsigned char c) { return std::toupper(c); });
      out.push_back(name + ' ' + path);
    }
  return out;
}

std::vector<std::string> OpenApi::faults(const std::string& method, const std::string& path,
                                         int status, const std::string& content_type,
                                         const std::string& body) const {
  const std::string what = method + ' ' + path + ' ' + std::to_string(status);
  const std::string pattern = described_path(path);
  if (pattern.empty()) return {what + ": the address is not described"};
  const json& methods = document_.at("paths").at(pattern);
  if (!methods.contains(lower(method))) return {what + ": the method is not described"};
  const json& responses = methods.at(lower(method)).at("responses");
  if (!responses.contains(std::to_string(status))) return {what + ": the status is not described"};
  const json& response = resolved(responses.at(std::to_string(status)));
  if (!response.contains("content"))
    return body.empty() ? std::vector<std::string>{} : std::vector{what + ": has a body"};
  const std::string type = content_type.substr(0, content_type.find(';'));
  const json& content = response.at("content");
  if (!content.contains(type)) return {what + ": " + type + " is not described"};
  if (!type.ends_with("json")) return {};
  std::vector<std::string> faults;
  validate(json::parse(body), content.at(type).at("schema"), what, faults);
  return faults;
}

}  // namespace thorax::testing_support
