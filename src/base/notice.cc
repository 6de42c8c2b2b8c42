#include "base/notice.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "base/error.h"
#include "base/terms.h"

namespace thorax {
namespace {

enum class Place : std::size_t {
#define THORAX_NOTICE(code, severity, exit_code, en_what, en_do, ru_what, ru_do) code,
#include "base/catalogue.def"
#undef THORAX_NOTICE
};

}  // namespace

#define THORAX_NOTICE(code, severity, exit_code, en_what, en_do, ru_what, ru_do) \
  template <>                                                                    \
  constinit const std::size_t CataloguePlace<#code>::index =                     \
      static_cast<std::size_t>(Place::code);
#include "base/catalogue.def"
#undef THORAX_NOTICE

namespace {

std::string upper(std::string_view name) {
  std::string out(name);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return out;
}

/// The word of a choice such as "count|slice|slices" or "count|срез|среза|срезов" that goes with
/// the argument named first; empty for anything that is no such choice.
std::string chosen_word(std::string_view choice, const std::map<std::string, std::string>& args) {
  std::vector<std::string_view> parts;
  for (std::size_t bar = choice.find('|'); bar != std::string_view::npos; bar = choice.find('|')) {
    parts.push_back(choice.substr(0, bar));
    choice.remove_prefix(bar + 1);
  }
  if (parts.size() < 2) return {};
  parts.push_back(choice);
  const auto arg = args.find(std::string(parts[0]));
  long n = 0;
  const bool whole =
      arg != args.end() &&
      std::from_chars(arg->second.data(), arg->second.data() + arg->second.size(), n).ec ==
          std::errc();
  if (!whole) return std::string(parts.back());
  return parts.size() == 3 ? plural_en(n, parts[1], parts[2])
                           : plural_ru(n, parts[1], parts[2], parts[3]);
}

/// Versions, paths and what others said keep their point; so does what the user typed.
bool verbatim(Code code, const std::string& name) {
  constexpr std::array<std::string_view, 3> kVerbatim{"version", "path", "detail"};
  const bool typed = code == "bad_option"_code || code == "bad_parameter"_code;
  return (typed && name == "value") ||
         std::find(kVerbatim.begin(), kVerbatim.end(), name) != kVerbatim.end();
}

/// Whether the argument holds kinds of DICOM objects.
bool names_kinds(Code code, const std::string& name) {
  return (code == "not_an_image_object"_code && name == "what") ||
         (code == "nothing_to_read"_code && name == "found");
}

/// Russian writes 2,5.
std::string worded(std::string value, Language language) {
  const std::size_t point = value.find('.');
  if (language != Language::ru || point == std::string::npos) return value;
  const auto is_digit = [](unsigned char c) { return std::isdigit(c) != 0; };
  const auto first = value.begin() + (value.starts_with('-') ? 1 : 0);
  const auto at = value.begin() + static_cast<std::ptrdiff_t>(point);
  const bool number = first < at && at + 1 < value.end() && std::all_of(first, at, is_digit) &&
                      std::all_of(at + 1, value.end(), is_digit);
  if (number) value[point] = ',';
  return value;
}

/// `text` of the notice with what it is about put in.
std::string fill(const Notice& notice, const std::string& text, Language language) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t end = text[i] == '{' ? text.find('}', i) : std::string::npos;
    if (end == std::string::npos) {
      out += text[i++];
      continue;
    }
    const std::string name = text.substr(i + 1, end - i - 1);
    const auto arg = notice.args.find(name);
    if (arg != notice.args.end())
      out += verbatim(notice.code, name)      ? arg->second
             : names_kinds(notice.code, name) ? worded_terms(arg->second, language)
                                              : worded(arg->second, language);
    else
      out += name.find('|') == std::string::npos ? "?" : chosen_word(name, notice.args);
    i = end + 1;
  }
  return out;
}

/// The catalogue as it stands in its file. A list of entries with their strings would be one
/// function that takes the sanitizers minutes to compile.
struct Row {
  Code code;
  const char* name;
  Severity severity;
  int exit_code;
  const char *en_what, *en_do, *ru_what, *ru_do;
};
using enum Severity;
constexpr Row kRows[] = {
#define THORAX_NOTICE(code, severity, exit_code, en_what, en_do, ru_what, ru_do) \
  {Code(CataloguePlace<#code>::index), #code, severity, exit_code, en_what, en_do, ru_what, ru_do},
#include "base/catalogue.def"
#undef THORAX_NOTICE
};

}  // namespace

const std::vector<CatalogueEntry>& catalogue() {
  static const std::vector<CatalogueEntry> entries = [] {
    std::vector<CatalogueEntry> all;
    for (const Row& row : kRows)
      all.push_back({row.code,
                     upper(row.name),
                     row.severity,
                     row.exit_code,
                     {row.en_what, row.ru_what},
                     {row.en_do, row.ru_do}});
    return all;
  }();
  return entries;
}

const CatalogueEntry& catalogue(Code code) {
  return catalogue().at(code.index());
}

std::string Notice::what(Language language) const {
  return fill(*this, catalogue(code).what.in(language), language);
}

std::string Notice::todo(Language language) const {
  return fill(*this, catalogue(code).todo.in(language), language);
}

Code parse_code(std::string_view id) {
  for (const CatalogueEntry& entry : catalogue())
    if (entry.id == id) return entry.code;
  throw Error("internal"_code, {{"detail", "unknown notice " + std::string(id)}});
}

Error::Error(Code code, std::map<std::string, std::string> args)
    : Error(Notice{code, std::move(args)}) {}

Error::Error(Notice notice)
    : std::runtime_error(catalogue(notice.code).id + ": " + notice.what(Language::en)),
      notice_(std::move(notice)) {}

}  // namespace thorax
