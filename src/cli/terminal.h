// What a terminal can show: colours, width.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace thorax::cli {

/// Colours a stream's text when it is a terminal and NO_COLOR (no-color.org) is not set.
class Terminal {
 public:
  explicit Terminal(std::FILE* stream);

  bool is_terminal() const { return is_terminal_; }
  int columns() const;  ///< width; 80 when unknown

  std::string red(std::string_view text) const { return paint("31", text); }
  std::string green(std::string_view text) const { return paint("32", text); }
  std::string yellow(std::string_view text) const { return paint("33", text); }
  std::string bold(std::string_view text) const { return paint("1", text); }
  std::string dim(std::string_view text) const { return paint("2", text); }

 private:
  std::string paint(const char* code, std::string_view text) const;

  std::FILE* stream_;
  bool is_terminal_;
  bool colours_;
};

/// Characters of UTF-8 text, which is its width for the scripts used here.
int display_width(std::string_view text);

/// The text, cut to `width` characters with "…" or filled with blanks.
std::string fit(std::string_view text, int width);

}  // namespace thorax::cli
