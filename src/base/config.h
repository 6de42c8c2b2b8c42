// Settings: from a YAML file and from `key.sub=value` words on the command line. A room registers
// its options once, with key, bounds and a sentence in both languages; the default is whatever the
// registered variable holds at that moment.
//
//     struct Options { int slices = 5; };
//     void add_settings(Settings& settings, Options& options) {
//       settings.add("room.slices", options.slices, {"Slices …", "Срезы …"}, 1, 100);
//     }
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"

namespace thorax {

class Settings {
 public:
  // Variables are held by reference and have to outlive the registry.
  void add(std::string key, bool& value, Text doc);
  void add(std::string key, int& value, Text doc, int low, int high);
  void add(std::string key, std::uint64_t& value, Text doc, std::uint64_t low, std::uint64_t high);
  void add(std::string key, double& value, Text doc, double low, double high);
  void add(std::string key, std::string& value, Text doc);
  /// A size: plain bytes or a number with KiB, MiB, GiB, TiB.
  void add_bytes(std::string key, std::uint64_t& value, Text doc);
  /// One of a fixed list of names.
  template <class E>
  void add_choice(std::string key, E& value, Text doc,
                  std::vector<std::pair<std::string, E>> choices);

  /// Keys go on inside a JSON object. Throws unknown_setting (with the nearest key), bad_option.
  void set(std::string_view key, std::string_view value);
  /// "key=value"; throws as set() does.
  void apply(std::string_view override_word);
  /// Maps make dotted keys, behind those of `extends: FILE`. Throws as set(); bad_settings_file.
  void load_file(const std::filesystem::path& path);

  /// Whether a word of the command line has the form of an override: name[.name…]=anything.
  static bool is_override(std::string_view word);

  /// Every setting with its sentence as a comment; loading the text back changes nothing.
  std::string to_yaml(Language language) const;
  /// Key and value of what differs from the default, in order of registration.
  std::vector<std::pair<std::string, std::string>> changed() const;
  std::vector<std::string> keys() const;

 private:
  struct Setting {
    std::string key;
    Text doc;
    std::string allowed;  ///< "1 … 100", "true | false": the same in any language
    std::string initial;
    std::function<std::string()> get;
    std::function<bool(std::string_view)> set;  ///< false when the text is not allowed
  };

  void add(Setting setting);
  template <class T>
  void add_number(std::string key, T& value, Text doc, T low, T high);
  const Setting& find(std::string_view key) const;

  std::vector<Setting> settings_;
};

template <class E>
void Settings::add_choice(std::string key, E& value, Text doc,
                          std::vector<std::pair<std::string, E>> choices) {
  std::string allowed;
  for (const auto& [name, choice] : choices) allowed += (allowed.empty() ? "" : " | ") + name;
  const auto get = [&value, choices] {
    for (const auto& [name, choice] : choices)
      if (choice == value) return name;
    return std::string();
  };
  const auto set = [&value, choices](std::string_view text) {
    for (const auto& [name, choice] : choices)
      if (name == text) {
        value = choice;
        return true;
      }
    return false;
  };
  add(Setting{std::move(key), std::move(doc), allowed, {}, get, set});
}

}  // namespace thorax
