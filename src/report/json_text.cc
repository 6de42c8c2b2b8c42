#include "report/json_text.h"

#include <algorithm>

namespace thorax::report {
namespace {

using Json = nlohmann::ordered_json;

std::string flat(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool stays_on_one_line(const Json& value) {
  if (!value.is_structured() || value.empty()) return true;
  return value.is_array() && std::all_of(value.begin(), value.end(), [](const Json& item) {
           return item.is_number() || item.is_null();
         });
}

void write(const Json& value, std::size_t depth, std::string& out) {
  if (stays_on_one_line(value)) {
    out += flat(value);
    return;
  }
  const std::string indent(2 * (depth + 1), ' ');
  out += value.is_array() ? "[\n" : "{\n";
  bool first = true;
  for (const auto& item : value.items()) {
    if (!first) out += ",\n";
    first = false;
    out += indent;
    if (value.is_object()) out += flat(Json(item.key())) + ": ";
    write(item.value(), depth + 1, out);
  }
  out += '\n' + std::string(2 * depth, ' ') + (value.is_array() ? "]" : "}");
}

}  // namespace

std::string json_text(const Json& value) {
  std::string out;
  write(value, 0, out);
  out += '\n';
  return out;
}

}  // namespace thorax::report
