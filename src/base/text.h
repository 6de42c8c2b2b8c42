// Languages of everything a person reads.
#pragma once

#include <string>
#include <string_view>

namespace thorax {

enum class Language { en, ru };

/// The same sentence in both languages. Every text shown to a person is one of these.
struct Text {
  std::string en;
  std::string ru;

  const std::string& in(Language language) const { return language == Language::ru ? ru : en; }
  bool operator==(const Text&) const = default;
};

/// "en" or "ru"; throws Error("bad_option"_code) for anything else.
Language parse_language(std::string_view name);
std::string_view to_string(Language language);

/// The form of a noun after a whole number: 1 slice, 2 slices; 1 срез, 2 среза, 5 срезов.
std::string plural_en(long n, std::string_view one, std::string_view many);
std::string plural_ru(long n, std::string_view one, std::string_view few, std::string_view many);

}  // namespace thorax
