#include "intake/child_text.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcspchrs.h>

#include <algorithm>
#include <cstdint>

namespace thorax::intake {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// Length of the well-formed UTF-8 sequence at the start of `s`, 0 when there is none
/// (Unicode 15, table 3-7).
std::size_t sequence_length(std::string_view s) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(s[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || s.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  const std::uint8_t second = byte(1);
  if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
      (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F))
    return 0;
  return length;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

bool is_ascii(std::string_view s) {
  return std::all_of(s.begin(), s.end(), [](char c) { return c > 0x1F && c < 0x7F; });
}

/// One converter a thread: opening one costs more than using it.
std::string convert(std::string_view bytes, const std::string& character_set) {
  thread_local DcmSpecificCharacterSet converter;
  thread_local std::string selected;
  thread_local bool usable = false;
  if (!usable || selected != character_set) {
    selected = character_set;
    usable = converter.selectCharacterSet(character_set).good();
  }
  OFString out;
  if (!usable || converter.convertString(OFString(bytes.data(), bytes.size()), out, "^=").bad())
    return std::string(bytes);
  return {out.c_str(), out.size()};
}

}  // namespace

std::string clean_utf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const std::size_t length = sequence_length(bytes);
    if (length == 0) {
      out += kReplacement;
      bytes.remove_prefix(1);
    } else {
      if (length == 1 && is_control(bytes[0])) {
        out += ' ';
      } else {
        out += bytes.substr(0, length);
      }
      bytes.remove_prefix(length);
    }
  }
  return out;
}

bool is_clean_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t length = sequence_length(bytes);
    if (length == 0 || is_control(bytes[0])) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

std::string decode_text(std::string_view bytes, const std::string& character_set) {
  if (is_ascii(bytes)) return std::string(bytes);
  if (character_set.empty() || character_set == "ISO_IR 192") return clean_utf8(bytes);
  return clean_utf8(convert(bytes, character_set));
}

}  // namespace thorax::intake
