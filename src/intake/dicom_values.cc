#include "intake/dicom_values.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <string_view>

#include "intake/child_text.h"

namespace thorax::intake {
namespace {

constexpr std::size_t kMaxText = 1024;
constexpr std::size_t kMaxValues = 1 << 17;
constexpr std::string_view kBlank(" \0\t\r\n", 5);

std::string_view trim(std::string_view s) {
  const std::size_t begin = s.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return s.substr(begin, s.find_last_not_of(kBlank) - begin + 1);
}

/// A decimal string (PS3.5 6.2 DS, IS); some writers use a comma or a leading plus.
std::optional<double> parse_number(std::string_view s) {
  std::string text(trim(s));
  std::replace(text.begin(), text.end(), ',', '.');
  const char* begin = text.c_str() + (text.starts_with('+') ? 1 : 0);
  const char* end = text.c_str() + text.size();
  double value = 0;
  const auto [stop, error] = std::from_chars(begin, end, value);
  if (error != std::errc() || stop != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

template <class T>
std::vector<double> binary(std::span<const std::uint8_t> bytes, bool big_endian) {
  std::vector<double> values;
  const std::size_t count = std::min(bytes.size() / sizeof(T), kMaxValues);
  values.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    std::array<std::uint8_t, sizeof(T)> raw{};
    std::copy_n(bytes.data() + i * sizeof(T), sizeof(T), raw.begin());
    if (big_endian) std::reverse(raw.begin(), raw.end());
    const auto value = static_cast<double>(std::bit_cast<T>(raw));
    if (!std::isfinite(value)) break;
    values.push_back(value);
  }
  return values;
}

std::vector<double> text_numbers(std::string_view text) {
  std::vector<double> values;
  for (std::size_t begin = 0; begin <= text.size() && values.size() < kMaxValues;) {
    const std::size_t end = std::min(text.find('\\', begin), text.size());
    const std::optional<double> value = parse_number(text.substr(begin, end - begin));
    if (!value) break;
    values.push_back(*value);
    begin = end + 1;
  }
  return values;
}

}  // namespace

const DicomElement* DicomItem::find(DicomTag tag) const {
  const auto it = std::find_if(elements_.begin(), elements_.end(),
                               [tag](const DicomElement& e) { return e.tag == tag; });
  return it == elements_.end() ? nullptr : &*it;
}

std::span<const std::uint8_t> DicomItem::bytes(DicomTag tag) const {
  const DicomElement* element = find(tag);
  if (!element) return {};
  return data_.subspan(element->offset, element->length);
}

std::vector<std::string> DicomItem::texts(DicomTag tag) const {
  const std::span<const std::uint8_t> raw = bytes(tag);
  const std::string_view text(reinterpret_cast<const char*>(raw.data()),
                              std::min(raw.size(), kMaxText));
  std::vector<std::string> values;
  if (trim(text).empty()) return values;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\\', begin), text.size());
    values.push_back(clean_utf8(trim(text.substr(begin, end - begin))));
    begin = end + 1;
  }
  return values;
}

std::string DicomItem::text(DicomTag tag) const {
  std::vector<std::string> values = texts(tag);
  return values.empty() ? std::string() : std::move(values.front());
}

std::string DicomItem::utf8(DicomTag tag, const std::string& character_set) const {
  const std::span<const std::uint8_t> raw = bytes(tag);
  const std::string_view text(reinterpret_cast<const char*>(raw.data()),
                              std::min(raw.size(), kMaxText));
  return decode_text(trim(text), character_set);
}

std::vector<double> DicomItem::numbers(DicomTag tag, Vr vr) const {
  const DicomElement* element = find(tag);
  if (!element) return {};
  const std::span<const std::uint8_t> raw = bytes(tag);
  const bool big = encoding_.big_endian;
  const auto is = [&](const char* name) { return element->has_vr(name); };
  if (is("US") || is("SS") || is("UL") || is("SL") || is("FL") || is("FD")) {
    if (is("US")) return binary<std::uint16_t>(raw, big);
    if (is("SS")) return binary<std::int16_t>(raw, big);
    if (is("UL")) return binary<std::uint32_t>(raw, big);
    if (is("SL")) return binary<std::int32_t>(raw, big);
    if (is("FL")) return binary<float>(raw, big);
    return binary<double>(raw, big);
  }
  const bool is_text = is("DS") || is("IS") || is("LO") || is("SH") || is("CS") || is("ST");
  if (is_text || vr == Vr::text)
    return text_numbers({reinterpret_cast<const char*>(raw.data()), raw.size()});
  switch (vr) {
    case Vr::us:
      return binary<std::uint16_t>(raw, big);
    case Vr::ss:
      return binary<std::int16_t>(raw, big);
    case Vr::ul:
      return binary<std::uint32_t>(raw, big);
    default:
      return binary<double>(raw, big);
  }
}

std::optional<double> DicomItem::number(DicomTag tag, Vr vr) const {
  const std::vector<double> values = numbers(tag, vr);
  if (values.empty()) return std::nullopt;
  return values.front();
}

std::optional<int> DicomItem::integer(DicomTag tag, Vr vr) const {
  const std::optional<double> value = number(tag, vr);
  if (!value || std::abs(*value) > std::numeric_limits<int>::max()) return std::nullopt;
  return static_cast<int>(std::lround(*value));
}

std::vector<DicomItem> DicomItem::items(DicomTag sequence) const {
  std::vector<DicomItem> out;
  const DicomElement* element = find(sequence);
  if (!element) return out;
  DicomEncoding encoding = encoding_;
  for (std::vector<DicomElement>& elements : scan_items(data_, *element, encoding, limits_))
    out.push_back(DicomItem(data_, std::move(elements), encoding, limits_));
  return out;
}

std::optional<DicomItem> DicomItem::first_item(DicomTag sequence) const {
  std::vector<DicomItem> all = items(sequence);
  if (all.empty()) return std::nullopt;
  return std::move(all.front());
}

}  // namespace thorax::intake
