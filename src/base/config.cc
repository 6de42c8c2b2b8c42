#include "base/config.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>

#include "base/error.h"

namespace thorax {
namespace {

constexpr std::array<std::pair<std::string_view, std::uint64_t>, 4> kUnits{
    {{"TiB", 1ull << 40}, {"GiB", 1ull << 30}, {"MiB", 1ull << 20}, {"KiB", 1ull << 10}}};

template <class T>
std::string to_text(T value) {
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), end};
}

template <class T>
std::optional<T> parse_number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string bytes_to_text(std::uint64_t bytes) {
  for (const auto& [name, size] : kUnits)
    if (bytes != 0 && bytes % size == 0) return to_text(bytes / size) + std::string(name);
  return to_text(bytes);
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  std::uint64_t unit = 1;
  for (const auto& [name, size] : kUnits)
    if (text.ends_with(name)) {
      unit = size;
      text.remove_suffix(name.size());
      break;
    }
  const auto count = parse_number<std::uint64_t>(text);
  if (!count || *count > UINT64_MAX / unit) return std::nullopt;
  return *count * unit;
}

/// Edit distance of Levenshtein (1966): insertions, deletions, replacements.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

std::vector<std::string> split(std::string_view key) {
  std::vector<std::string> parts(1);
  for (const char c : key)
    if (c == '.')
      parts.emplace_back();
    else
      parts.back() += c;
  return parts;
}

/// The text as JSON where it is some, else as a string.
nlohmann::json json_value(std::string_view text) {
  auto value = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  return value.is_discarded() ? nlohmann::json(text) : value;
}

/// Scalars that JSON knows are numbers and words of JSON, all others strings.
nlohmann::json to_json(const YAML::Node& node) {
  if (node.IsMap()) {
    auto object = nlohmann::json::object();
    for (const auto& item : node) object[item.first.as<std::string>()] = to_json(item.second);
    return object;
  }
  if (node.IsSequence()) {
    auto list = nlohmann::json::array();
    for (const auto& item : node) list.push_back(to_json(item));
    return list;
  }
  return node.IsScalar() ? json_value(node.Scalar()) : nlohmann::json();
}

using Values = std::vector<std::pair<std::string, std::string>>;

void flatten(const YAML::Node& node, const std::string& prefix, Values& out) {
  if (node.IsMap()) {
    for (const auto& item : node) {
      std::string name = prefix.empty() ? "" : prefix + '.';
      name += item.first.as<std::string>();
      flatten(item.second, name, out);
    }
  } else if (node.IsScalar()) {
    out.emplace_back(prefix, node.Scalar());
  } else if (!(node.IsNull() && prefix.empty())) {  // an empty file is no settings
    out.emplace_back(prefix, node.IsNull() ? "" : to_json(node).dump());
  }
}

[[noreturn]] void refuse_file(const std::filesystem::path& path, const std::string& detail) {
  throw Error("bad_settings_file"_code, {{"path", path.string()}, {"detail", detail}});
}

/// The values of a file behind those of the file that it extends.
void read_values(const std::filesystem::path& path, int depth, Values& out) {
  constexpr int kDeepest = 16;
  constexpr const char* kExtends = "extends";
  try {
    YAML::Node root = YAML::LoadFile(path.string());
    if (root.IsMap() && root[kExtends]) {
      if (depth == kDeepest) refuse_file(path, "extends: 16 files deep");
      read_values(path.parent_path() / root[kExtends].as<std::string>(), depth + 1, out);
      root.remove(kExtends);
    }
    flatten(root, "", out);
  } catch (const YAML::BadFile&) {
    throw Error("no_such_input"_code, {{"path", path.string()}});
  } catch (const YAML::Exception& error) {
    refuse_file(path, error.what());
  }
}

/// The JSON object `text` with one value inside changed; nothing when it is no object.
std::optional<std::string> changed_inside(const std::string& text, std::string_view place,
                                          std::string_view value) {
  auto object = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return {};
  nlohmann::json* inside = &object;
  for (const std::string& part : split(place)) {
    if (!inside->is_object()) *inside = nlohmann::json::object();
    inside = &(*inside)[part];
  }
  *inside = json_value(value);
  return object.dump();
}

/// A plain YAML scalar where that is safe, else a quoted one.
std::string yaml_scalar(const std::string& text) {
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '.' || c == '/' || c == '_' || c == '+' || c == '-';
  }) && text.front() != '-';
  if (plain) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? "''" : std::string(1, c);
  return quoted + "'";
}

}  // namespace

void Settings::add(Setting setting) {
  setting.initial = setting.get();
  settings_.push_back(std::move(setting));
}

template <class T>
void Settings::add_number(std::string key, T& value, Text doc, T low, T high) {
  const auto set = [&value, low, high](std::string_view text) {
    const auto number = parse_number<T>(text);
    if (!number || !(*number >= low && *number <= high)) return false;
    value = *number;
    return true;
  };
  add(Setting{std::move(key),
              std::move(doc),
              to_text(low) + " … " + to_text(high),
              {},
              [&value] { return to_text(value); },
              set});
}

void Settings::add(std::string key, int& value, Text doc, int low, int high) {
  add_number(std::move(key), value, std::move(doc), low, high);
}

void Settings::add(std::string key, std::uint64_t& value, Text doc, std::uint64_t low,
                   std::uint64_t high) {
  add_number(std::move(key), value, std::move(doc), low, high);
}

void Settings::add(std::string key, double& value, Text doc, double low, double high) {
  add_number(std::move(key), value, std::move(doc), low, high);
}

void Settings::add(std::string key, bool& value, Text doc) {
  add_choice(std::move(key), value, std::move(doc), {{"true", true}, {"false", false}});
}

void Settings::add(std::string key, std::string& value, Text doc) {
  add(Setting{std::move(key),
              std::move(doc),
              "",
              {},
              [&value] { return value; },
              [&value](std::string_view text) {
                value = text;
                return true;
              }});
}

void Settings::add_bytes(std::string key, std::uint64_t& value, Text doc) {
  add(Setting{std::move(key),
              std::move(doc),
              "65536, 512MiB, 6GiB",
              {},
              [&value] { return bytes_to_text(value); },
              [&value](std::string_view text) {
                const auto bytes = parse_bytes(text);
                if (bytes) value = *bytes;
                return bytes.has_value();
              }});
}

const Settings::Setting& Settings::find(std::string_view key) const {
  const Setting* nearest = nullptr;
  std::size_t least = SIZE_MAX;
  for (const Setting& setting : settings_) {
    if (setting.key == key) return setting;
    // "max_entries" should lead to "intake.max_entries": the last part counts on its own too.
    const std::string last = setting.key.substr(setting.key.rfind('.') + 1);
    const std::size_t distance =
        std::min(edit_distance(key, setting.key), edit_distance(key, last));
    if (distance < least) {
      least = distance;
      nearest = &setting;
    }
  }
  throw Error("unknown_setting"_code,
              {{"key", std::string(key)}, {"suggestion", nearest ? nearest->key : "-"}});
}

void Settings::set(std::string_view key, std::string_view value) {
  for (const Setting& outer : settings_)
    if (key.starts_with(outer.key + '.'))
      if (const auto text = changed_inside(outer.get(), key.substr(outer.key.size() + 1), value)) {
        outer.set(*text);
        return;
      }
  const Setting& setting = find(key);
  if (!setting.set(value))
    throw Error("bad_option"_code, {{"option", setting.key},
                                    {"value", '"' + std::string(value) + '"'},
                                    {"hint", setting.allowed}});
}

void Settings::apply(std::string_view override_word) {
  const std::size_t equals = override_word.find('=');
  const std::string_view value =
      equals == std::string_view::npos ? std::string_view() : override_word.substr(equals + 1);
  set(override_word.substr(0, equals), value);
}

void Settings::load_file(const std::filesystem::path& path) {
  Values values;
  read_values(path, 0, values);
  for (const auto& [key, value] : values) set(key, value);
}

bool Settings::is_override(std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == 0 || equals == std::string_view::npos) return false;
  return std::all_of(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(equals), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  });
}

std::string Settings::to_yaml(Language language) const {
  std::string out;
  std::vector<std::string> open;  // sections the previous key was in
  for (const Setting& setting : settings_) {
    const std::vector<std::string> parts = split(setting.key);
    std::size_t depth = 0;
    while (depth + 1 < parts.size() && depth < open.size() && open[depth] == parts[depth]) ++depth;
    open.assign(parts.begin(), parts.end() - 1);
    if (depth == 0 && !out.empty()) out += '\n';
    for (; depth + 1 < parts.size(); ++depth)
      out += std::string(2 * depth, ' ') + parts[depth] + ":\n";
    const std::string indent(2 * depth, ' ');
    out += indent + "# " + setting.doc.in(language);
    if (!setting.allowed.empty()) out += " [" + setting.allowed + "]";
    out += '\n' + indent + parts.back() + ": " + yaml_scalar(setting.get()) + '\n';
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> Settings::changed() const {
  std::vector<std::pair<std::string, std::string>> out;
  for (const Setting& setting : settings_)
    if (std::string now = setting.get(); now != setting.initial) out.emplace_back(setting.key, now);
  return out;
}

std::vector<std::string> Settings::keys() const {
  std::vector<std::string> out;
  for (const Setting& setting : settings_) out.push_back(setting.key);
  return out;
}

}  // namespace thorax
