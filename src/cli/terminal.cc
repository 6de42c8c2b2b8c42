#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace thorax::cli {
namespace {

bool continues_a_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

}  // namespace

Terminal::Terminal(std::FILE* stream)
    : stream_(stream),
      is_terminal_(isatty(fileno(stream)) == 1),
      colours_(is_terminal_ && std::getenv("NO_COLOR") == nullptr) {}

int Terminal::columns() const {
  winsize size{};
  if (is_terminal_ && ioctl(fileno(stream_), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  return 80;
}

std::string Terminal::paint(const char* code, std::string_view text) const {
  if (!colours_) return std::string(text);
  return "\x1b[" + std::string(code) + 'm' + std::string(text) + "\x1b[0m";
}

int display_width(std::string_view text) {
  return static_cast<int>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continues_a_character(c); }));
}

std::string fit(std::string_view text, int width) {
  const int have = display_width(text);
  if (have <= width)
    return std::string(text) + std::string(static_cast<std::size_t>(width - have), ' ');
  std::string out;
  int taken = 0;
  for (const char c : text) {
    if (!continues_a_character(c) && ++taken >= width) break;
    out += c;
  }
  return out + "…";
}

}  // namespace thorax::cli
