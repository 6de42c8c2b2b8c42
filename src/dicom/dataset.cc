#include "dicom/dataset.h"

#include <cstdio>

#include "base/error.h"
#include "base/hash.h"

namespace thorax::dicom {
namespace {

constexpr std::size_t kLongestCodeValue = 16;  // of the VR SH, PS3.5 6.2

void check(const OFCondition& condition, const DcmTagKey& tag) {
  if (condition.bad())
    throw Error("internal"_code,
                {{"detail", std::string(DcmTag(tag).getTagName()) + ": " + condition.text()}});
}

}  // namespace

void put(DcmItem& item, const DcmTagKey& tag, const std::string& value) {
  check(item.putAndInsertOFStringArray(tag, value), tag);
}
void put(DcmItem& item, const DcmTagKey& tag, double value) {
  put(item, tag, std::vector<double>{value});
}
void put(DcmItem& item, const DcmTagKey& tag, std::uint16_t value) {
  check(item.putAndInsertUint16(tag, value), tag);
}
void put(DcmItem& item, const DcmTagKey& tag, const std::vector<double>& values) {
  std::string text;
  for (const double value : values) {
    char number[32];
    std::snprintf(number, sizeof number, "%.9g", value == 0 ? 0.0 : value);  // DS: 16 characters
    text += (text.empty() ? "" : "\\") + std::string(number);
  }
  put(item, tag, text);
}

void put_code(DcmItem& item, const DcmTagKey& sequence, const Code& code) {
  DcmItem* entry = nullptr;
  check(item.findOrCreateSequenceItem(sequence, entry), sequence);
  put(*entry, code.value.size() > kLongestCodeValue ? DCM_LongCodeValue : DCM_CodeValue,
      code.value);
  put(*entry, DCM_CodingSchemeDesignator, code.scheme);
  put(*entry, DCM_CodeMeaning, code.meaning);
}

DcmItem& add_item(DcmItem& item, const DcmTagKey& sequence) {
  DcmItem* entry = nullptr;
  constexpr signed long kBehindTheLast = -2;
  check(item.findOrCreateSequenceItem(sequence, entry, kBehindTheLast), sequence);
  return *entry;
}

std::string uuid_uid(const std::string& name) {
  const std::string hex = sha256_hex(std::string_view(name));
  // 128 bits as a version 8 UUID (RFC 9562), then to decimal by repeated multiplication.
  std::string digits = "0";
  for (int i = 0; i < 32; ++i) {
    int carry = std::stoi(hex.substr(static_cast<std::size_t>(i), 1), nullptr, 16);
    if (i == 12) carry = 8;
    if (i == 16) carry = 8 | (carry & 3);
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
      carry += (*digit - '0') * 16;
      *digit = static_cast<char>('0' + carry % 10);
      carry /= 10;
    }
    for (; carry > 0; carry /= 10)
      digits.insert(digits.begin(), static_cast<char>('0' + carry % 10));
  }
  return "2.25." + digits;
}

}  // namespace thorax::dicom
