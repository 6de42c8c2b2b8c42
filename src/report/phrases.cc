#include "report/phrases.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace thorax::report {
namespace {

constexpr const char* kMinus = "\u2212";
constexpr const char* kNarrowSpace = "\u00A0";  // keeps number and unit on one line

struct UnitName {
  const char* ucum;
  const char* en;
  const char* ru;
};
constexpr std::array<UnitName, 10> kUnits{{{"1", "", ""},
                                           {"%", "%", "%"},
                                           {"mm", "mm", "мм"},
                                           {"cm", "cm", "см"},
                                           {"cm2", "cm²", "см²"},
                                           {"mL", "mL", "мл"},
                                           {"mm3", "mm³", "мм³"},
                                           {"[hnsf'U]", "HU", "HU"},
                                           {"mg/cm3", "mg/cm³", "мг/см³"},
                                           {"deg", "°", "°"}}};

/// Length in bytes of the UTF-8 letter at `i`.
std::size_t letter_length(const std::string& text, std::size_t i) {
  const auto lead = static_cast<unsigned char>(text[i]);
  return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

/// The letter in the other case when `to_upper` says so; only Latin and the Russian alphabet.
std::string recased(const std::string& letter, bool to_upper) {
  if (letter.size() == 1) {
    const auto c = static_cast<unsigned char>(letter[0]);
    return std::string(1, static_cast<char>(to_upper ? std::toupper(c) : std::tolower(c)));
  }
  if (letter.size() != 2) return letter;
  const unsigned point = (static_cast<unsigned char>(letter[0]) & 0x1Fu) << 6 |
                         (static_cast<unsigned char>(letter[1]) & 0x3Fu);
  unsigned other = point;
  if (to_upper && point >= 0x430 && point <= 0x44F) other = point - 0x20;
  if (!to_upper && point >= 0x410 && point <= 0x42F) other = point + 0x20;
  if (to_upper && point == 0x451) other = 0x401;
  if (!to_upper && point == 0x401) other = 0x451;
  return {static_cast<char>(0xC0u | other >> 6), static_cast<char>(0x80u | (other & 0x3Fu))};
}

}  // namespace

std::string number(double value, int decimals, Language language) {
  if (!std::isfinite(value)) return "–";
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.*f", decimals, std::abs(value));
  std::string text = buffer;
  const bool is_zero = text.find_first_not_of("0.") == std::string::npos;
  if (language == Language::ru) std::replace(text.begin(), text.end(), '.', ',');
  return value < 0 && !is_zero ? kMinus + text : text;
}

std::string unit_name(const std::string& ucum, Language language) {
  for (const UnitName& unit : kUnits)
    if (ucum == unit.ucum) return language == Language::ru ? unit.ru : unit.en;
  return ucum.starts_with('{') ? std::string() : ucum;  // {…} is a UCUM annotation
}

std::string quantity(double value, int decimals, const std::string& ucum, Language language) {
  const std::string unit = unit_name(ucum, language);
  const std::string text = number(value, decimals, language);
  return unit.empty() ? text : text + kNarrowSpace + unit;
}

std::string range_text(const NormalRange& range, int decimals, const std::string& ucum,
                       Language language) {
  const bool ru = language == Language::ru;
  const std::string unit = unit_name(ucum, language);
  const std::string tail = unit.empty() ? "" : kNarrowSpace + unit;
  if (range.low && range.high)
    return number(*range.low, decimals, language) + "…" + number(*range.high, decimals, language) +
           tail;
  if (range.high) return (ru ? "до " : "up to ") + number(*range.high, decimals, language) + tail;
  if (range.low) return (ru ? "от " : "from ") + number(*range.low, decimals, language) + tail;
  return {};
}

int against(const NormalRange& range, double value) {
  if (range.low && value < *range.low) return -1;
  return range.high && value > *range.high ? 1 : 0;
}

std::string age_text(double years, Language language) {
  const bool months = years < 2;
  const long n = static_cast<long>(std::floor(months ? years * 12 : years));
  if (language == Language::ru)
    return std::to_string(n) + ' ' +
           (months ? plural_ru(n, "месяц", "месяца", "месяцев")
                   : plural_ru(n, "год", "года", "лет"));
  return std::to_string(n) + ' ' +
         (months ? plural_en(n, "month", "months") : plural_en(n, "year", "years"));
}

std::string date_text(const std::string& date, Language language) {
  const bool dicom = date.size() == 8 && date.find_first_not_of("0123456789") == std::string::npos;
  if (!dicom) return date;
  const std::string year = date.substr(0, 4), month = date.substr(4, 2), day = date.substr(6, 2);
  return language == Language::ru ? day + '.' + month + '.' + year : year + '-' + month + '-' + day;
}

std::string sex_text(const std::string& sex, Language language) {
  const bool ru = language == Language::ru;
  if (sex == "F") return ru ? "женщина" : "woman";
  if (sex == "M") return ru ? "мужчина" : "man";
  return {};
}

Text kind_text(const StudyResult& result) {
  // Of a refused study it is not known that it shows a chest.
  const bool chest = result.ok();
  if (result.kind == "ct")
    return chest ? Text{"Chest CT", "КТ органов грудной клетки"} : Text{"CT", "КТ"};
  if (result.kind == "xray")
    return chest ? Text{"Chest X-ray", "Рентгенография органов грудной клетки"}
                 : Text{"X-ray", "Рентгенография"};
  return {"Study", "Исследование"};
}

Text trust_text(Trust trust) {
  switch (trust) {
    case Trust::good:
      return {"good", "полное"};
    case Trust::usable:
      return {"usable", "с оговорками"};
    case Trust::unfit:
      break;
  }
  return {"unfit", "непригодно"};
}

Text verdict_text(findings::VerdictKind kind) {
  switch (kind) {
    case findings::VerdictKind::normal:
      return {"no pathology found", "патология не найдена"};
    case findings::VerdictKind::pathology:
      return {"pathology", "патология"};
    case findings::VerdictKind::uncertain:
      break;
  }
  return {"uncertain", "неопределённо"};
}

Text reliability_text(Reliability reliability) {
  switch (reliability) {
    case Reliability::good:
      return {"good", "хорошая"};
    case Reliability::limited:
      return {"limited", "ограниченная"};
    case Reliability::weak:
      break;
  }
  return {"weak", "слабая"};
}

Text severity_text(Severity severity) {
  switch (severity) {
    case Severity::info:
      return {"note", "сведения"};
    case Severity::warning:
      return {"warning", "предупреждение"};
    case Severity::error:
      break;
  }
  return {"error", "ошибка"};
}

Text role_text(const std::string& role) {
  if (role == "taken") return {"read", "прочитана"};
  if (role == "candidate") return {"not chosen", "не выбрана"};
  return {"set aside", "отложена"};
}

std::string capitalised(const std::string& text) {
  if (text.empty()) return text;
  const std::size_t length = letter_length(text, 0);
  return recased(text.substr(0, length), true) + text.substr(length);
}

std::string lower_first(const std::string& text) {
  if (text.empty()) return text;
  const std::size_t length = letter_length(text, 0);
  const std::string first = text.substr(0, length);
  if (length < text.size()) {
    const std::string second = text.substr(length, letter_length(text, length));
    const bool abbreviation =
        recased(second, false) != second ||
        (second.size() == 1 && !std::isalpha(static_cast<unsigned char>(second[0])) &&
         second != " ");
    if (abbreviation) return text;
  }
  return recased(first, false) + text.substr(length);
}

}  // namespace thorax::report
