#include "cli/number.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace thorax::cli {

std::string decimal(double value, int digits, Language language) {
  std::array<char, 400> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 std::chars_format::fixed, digits)
                       .ptr;
  std::string text(buffer.data(), end);
  if (language == Language::ru) std::replace(text.begin(), text.end(), '.', ',');
  return text;
}

}  // namespace thorax::cli
