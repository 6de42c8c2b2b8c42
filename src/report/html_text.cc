#include "report/html_text.h"

#include <cmath>
#include <cstdio>

#include "report/utf8.h"

namespace thorax::report {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : clean_utf8(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string in_both(const Text& text) {
  if (text.en == text.ru) return escaped(text.en);
  return "<span lang=\"en\">" + escaped(text.en) + "</span><span lang=\"ru\">" + escaped(text.ru) +
         "</span>";
}

std::string in_both(std::string_view en, std::string_view ru) {
  return in_both(Text{std::string(en), std::string(ru)});
}

std::string wide_table(const std::string& rows) {
  return "<div class=\"scroll\" tabindex=\"0\"><table>" + rows + "</table></div>";
}

std::string coordinate(double value) {
  if (!std::isfinite(value)) return "0";
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  std::string out = text;
  while (out.ends_with('0')) out.pop_back();
  if (out.ends_with('.')) out.pop_back();
  return out == "-0" ? "0" : out;
}

}  // namespace thorax::report
