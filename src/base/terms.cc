#include "base/terms.h"

#include <array>
#include <string_view>

namespace thorax {
namespace {

struct Term {
  std::string_view en, ru;
};
constexpr std::array<Term, 12> kTerms = {{
    {"media directory", "каталог носителя"},
    {"waveform", "кривая (ЭКГ и подобное)"},
    {"presentation state", "состояние отображения"},
    {"segmentation, registration or raw data", "сегментация, совмещение или исходные данные"},
    {"real world value mapping", "таблица физических величин"},
    {"structured report", "структурированный отчёт"},
    {"encapsulated document", "вложенный документ"},
    {"radiotherapy object", "объект лучевой терапии"},
    {"parametric map", "параметрическая карта"},
    {"CT protocol", "протокол КТ"},
    {"template", "шаблон"},
    {"no pixels", "без пикселей"},
}};

}  // namespace

std::string worded_terms(std::string text, Language language) {
  if (language != Language::ru) return text;
  for (const Term& term : kTerms)
    for (std::size_t at = text.find(term.en); at != std::string::npos;
         at = text.find(term.en, at + term.ru.size()))
      text.replace(at, term.en.size(), term.ru);
  return text;
}

}  // namespace thorax
