#include "base/text.h"

#include "base/error.h"

namespace thorax {

Language parse_language(std::string_view name) {
  if (name == "en") return Language::en;
  if (name == "ru") return Language::ru;
  throw Error("bad_option"_code,
              {{"option", "lang"}, {"value", std::string(name)}, {"hint", "en | ru"}});
}

std::string_view to_string(Language language) {
  return language == Language::ru ? "ru" : "en";
}

std::string plural_en(long n, std::string_view one, std::string_view many) {
  return std::string(n == 1 ? one : many);
}

std::string plural_ru(long n, std::string_view one, std::string_view few, std::string_view many) {
  const long last = n % 10, last_two = n % 100;
  if (last_two >= 11 && last_two <= 14) return std::string(many);
  if (last == 1) return std::string(one);
  return std::string(last >= 2 && last <= 4 ? few : many);
}

}  // namespace thorax
