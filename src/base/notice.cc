#include "base/notice.h"

#include <algorithm>

#include "base/error.h"

namespace thorax {
namespace {

std::string upper(std::string_view name) {
  std::string out(name);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return out;
}

std::string fill(const std::string& text, const std::map<std::string, std::string>& args) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t end = text[i] == '{' ? text.find('}', i) : std::string::npos;
    if (end == std::string::npos) {
      out += text[i++];
      continue;
    }
    const auto arg = args.find(text.substr(i + 1, end - i - 1));
    out += arg == args.end() ? "?" : arg->second;
    i = end + 1;
  }
  return out;
}

}  // namespace

const std::vector<CatalogueEntry>& catalogue() {
  using enum Severity;
  static const std::vector<CatalogueEntry> entries = {
#define THORAX_NOTICE(code, severity, exit_code, en_what, en_do, ru_what, ru_do) \
  {Code::code, upper(#code), severity, exit_code, {en_what, ru_what}, {en_do, ru_do}},
#include "base/catalogue.def"
#undef THORAX_NOTICE
  };
  return entries;
}

const CatalogueEntry& catalogue(Code code) {
  return catalogue().at(static_cast<std::size_t>(code));
}

std::string Notice::what(Language language) const {
  return fill(catalogue(code).what.in(language), args);
}

std::string Notice::todo(Language language) const {
  return fill(catalogue(code).todo.in(language), args);
}

Code parse_code(std::string_view id) {
  for (const CatalogueEntry& entry : catalogue())
    if (entry.id == id) return entry.code;
  throw Error(Code::internal, {{"detail", "unknown notice " + std::string(id)}});
}

Error::Error(Code code, std::map<std::string, std::string> args)
    : Error(Notice{code, std::move(args)}) {}

Error::Error(Notice notice)
    : std::runtime_error(catalogue(notice.code).id + ": " + notice.what(Language::en)),
      notice_(std::move(notice)) {}

Language parse_language(std::string_view name) {
  if (name == "en") return Language::en;
  if (name == "ru") return Language::ru;
  throw Error(Code::bad_option,
              {{"option", "lang"}, {"value", std::string(name)}, {"hint", "en | ru"}});
}

std::string_view to_string(Language language) {
  return language == Language::ru ? "ru" : "en";
}

}  // namespace thorax
