#include "intake/dicom_cursor.h"

#include <algorithm>
#include <string_view>

#include "base/error.h"

namespace thorax::intake {
namespace {

constexpr std::string_view kVrs =
    "AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR "
    "US UT UV";
constexpr std::string_view kLongVrs = "OB OD OF OL OV OW SQ SV UC UN UR UT UV";

bool contains(std::string_view list, char a, char b) {
  for (std::size_t i = 0; i + 1 < list.size(); i += 3)
    if (list[i] == a && list[i + 1] == b) return true;
  return false;
}

}  // namespace

bool is_known_vr(char a, char b) {
  return contains(kVrs, a, b);
}

void dicom_is_broken(const std::string& detail) {
  throw Error("dicom_broken"_code, {{"detail", detail}});
}

std::uint16_t DicomCursor::u16(std::size_t at) const {
  const unsigned a = data_[at], b = data_[at + 1];
  return static_cast<std::uint16_t>(encoding_.big_endian ? a << 8 | b : b << 8 | a);
}

std::uint32_t DicomCursor::u32(std::size_t at) const {
  const std::uint32_t first = u16(at), second = u16(at + 2);
  return encoding_.big_endian ? first << 16 | second : second << 16 | first;
}

DicomTag DicomCursor::peek_tag() const {
  return static_cast<DicomTag>(u16(at_)) << 16 | u16(at_ + 2);
}

DicomElement DicomCursor::next() {
  if (at_end()) dicom_is_broken("an element ends early");
  DicomElement element;
  element.tag = peek_tag();
  std::uint32_t length = 0;
  std::size_t header = 8;
  if (!encoding_.explicit_vr || element.tag >> 16 == 0xFFFE) {
    length = u32(at_ + 4);
  } else {
    element.vr = {static_cast<char>(data_[at_ + 4]), static_cast<char>(data_[at_ + 5])};
    const bool known = is_known_vr(element.vr[0], element.vr[1]);
    if (contains(kLongVrs, element.vr[0], element.vr[1])) {
      header = 12;
      if (at_ + header > end_) dicom_is_broken("an element ends early");
      length = u32(at_ + 8);
    } else if (!known && (element.vr[0] < 'A' || element.vr[0] > 'Z')) {
      // Some writers fall back to implicit elements in the middle of an explicit data set.
      element.vr = {};
      length = u32(at_ + 4);
    } else {
      length = u16(at_ + 6);
    }
  }
  at_ += header;
  element.offset = at_;
  element.undefined_length = length == kUndefinedLength;
  element.length = element.undefined_length ? 0 : length;
  return element;
}

DicomEncoding DicomCursor::inside(const DicomElement& element) const {
  if (element.has_vr("UN") || (encoding_.explicit_vr && element.vr[0] == 0)) return {false, false};
  return encoding_;
}

std::size_t DicomCursor::skip(const DicomElement& element, int depth, const Limits& limits) {
  if (!element.undefined_length) {
    if (element.length > end_ - at_) dicom_is_broken("a value is longer than the file");
    at_ += element.length;
    return element.length;
  }
  if (depth >= limits.max_sequence_depth)
    throw Error("dicom_too_deep"_code, {{"limit", std::to_string(limits.max_sequence_depth)}});
  DicomCursor items(data_, at_, end_, inside(element));
  items.skip_items(depth + 1, limits);
  const std::size_t behind = items.at();
  const std::size_t length = behind - at_ - 8;
  at_ = behind;
  return length;
}

void DicomCursor::skip_items(int depth, const Limits& limits) {
  while (!at_end()) {
    const DicomElement item = next();
    if (item.tag == kSequenceEnd) return;
    if (item.tag != kItem) dicom_is_broken("a sequence holds something that is no item");
    if (item.undefined_length) {
      skip_elements(depth, limits);
    } else {
      skip(item, depth, limits);
    }
  }
  dicom_is_broken("a sequence has no end");
}

void DicomCursor::skip_elements(int depth, const Limits& limits) {
  while (!at_end()) {
    const DicomElement element = next();
    if (element.tag == kItemEnd) return;
    skip(element, depth, limits);
  }
  dicom_is_broken("an item has no end");
}

}  // namespace thorax::intake
