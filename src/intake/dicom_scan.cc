#include "intake/dicom_scan.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "intake/child_named.h"
#include "intake/dicom_cursor.h"
#include "intake/limits_budget.h"

namespace thorax::intake {
namespace {

constexpr std::size_t kPreamble = 128;
constexpr std::size_t kSearch = 4096;  ///< padding before the header is looked through this far
constexpr std::string_view kDeflated = "1.2.840.10008.1.2.1.99";

/// Tags that data sets begin with: group lengths, meta header, character set, image type …
bool may_begin(DicomTag tag) {
  static constexpr std::array<DicomTag, 10> kFirst = {
      0x00020000, 0x00020001, 0x00020002, 0x00080000, 0x00080001,
      0x00080005, 0x00080008, 0x00080012, 0x00080016, 0x00080018};
  return std::find(kFirst.begin(), kFirst.end(), tag) != kFirst.end();
}

bool begins_at(std::span<const std::uint8_t> data, std::size_t at, bool big_endian) {
  if (at + 8 > data.size()) return false;
  const DicomCursor cursor(data, at, data.size(), {false, big_endian});
  if (!may_begin(cursor.peek_tag())) return false;
  const bool has_vr = is_known_vr(static_cast<char>(data[at + 4]), static_cast<char>(data[at + 5]));
  const std::uint32_t length = cursor.u32(at + 4);
  return has_vr || (!big_endian && length % 2 == 0 && length < 256);
}

/// Where the meta header or the data set begins; nullopt when nothing looks like it.
std::optional<std::size_t> find_begin(std::span<const std::uint8_t> data) {
  const auto is_magic = [&](std::size_t at) {
    return data.size() >= at + 4 && std::memcmp(data.data() + at, "DICM", 4) == 0;
  };
  if (is_magic(kPreamble)) return kPreamble + 4;
  const std::size_t search = std::min(data.size(), kSearch);
  for (std::size_t at = 0; at + 12 <= search; ++at)
    if (is_magic(at) && begins_at(data, at + 4, false)) return at + 4;
  for (std::size_t at = 0; at + 8 <= search; ++at)
    if (begins_at(data, at, false) || begins_at(data, at, true)) return at;
  return std::nullopt;
}

std::string trimmed(std::span<const std::uint8_t> data, const DicomElement& element) {
  std::string text(reinterpret_cast<const char*>(data.data()) + element.offset, element.length);
  text.erase(text.find_last_not_of(std::string_view(" \0", 2)) + 1);
  return text;
}

/// Reads group 0002 (always explicit little endian, PS3.10 7.1) and returns where it ends.
std::size_t read_meta(std::span<const std::uint8_t> data, std::size_t at, DicomScan& scan,
                      const Limits& limits) {
  DicomCursor cursor(data, at, data.size(), {true, false});
  while (!cursor.at_end() && cursor.peek_tag() >> 16 == 0x0002) {
    DicomElement element = cursor.next();
    element.length = cursor.skip(element, 0, limits);
    if (element.tag == 0x00020002) scan.media_sop_class_uid = trimmed(data, element);
    if (element.tag == 0x00020010) scan.transfer_syntax_uid = trimmed(data, element);
  }
  return cursor.at();
}

Bytes inflate_data_set(std::span<const std::uint8_t> packed, const std::string& shown,
                       const Limits& limits) {
  z_stream stream{};
  if (inflateInit2(&stream, -15) != Z_OK) throw std::bad_alloc();
  const std::unique_ptr<z_stream, int (*)(z_stream*)> guard(&stream, inflateEnd);
  Expansion expansion(limits, shown, packed.size());
  ByteBuffer buffer;
  stream.next_in = const_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(std::min<std::size_t>(packed.size(), UINT32_MAX));
  int status = Z_OK;
  while (status == Z_OK) {
    const std::span<std::uint8_t> room = buffer.reserve(1 << 20);
    stream.next_out = room.data();
    stream.avail_out = static_cast<uInt>(room.size());
    status = inflate(&stream, Z_NO_FLUSH);
    const std::size_t written = room.size() - stream.avail_out;
    buffer.commit(written);
    expansion.add(written);
    if (status == Z_OK && written == 0) break;
  }
  if (status != Z_STREAM_END && buffer.size() == 0)
    dicom_is_broken("the deflated data set is damaged");
  return buffer.release();
}

/// The encoding is told by the first element, not by the declared syntax: many writers lie.
DicomEncoding detect_encoding(std::span<const std::uint8_t> data, std::size_t at) {
  if (at + 8 > data.size()) return {};
  const unsigned little = data[at] | data[at + 1] << 8;
  const unsigned big = data[at + 1] | data[at] << 8;
  return {is_known_vr(static_cast<char>(data[at + 4]), static_cast<char>(data[at + 5])),
          big < little};
}

void scan_elements(std::size_t at, DicomScan& scan, const Limits& limits) {
  DicomCursor cursor(scan.data.span(), at, scan.data.size(), scan.encoding);
  while (!cursor.at_end()) {
    DicomElement element = cursor.next();
    const bool is_pixels = element.tag >= 0x7FE00008 && element.tag <= kPixelData;
    if (is_pixels) {
      scan.pixels = element;
      return;
    }
    if (element.tag == 0) return;  // zeros behind the data set
    if (scan.elements.size() >= static_cast<std::size_t>(limits.max_elements))
      throw Error("dicom_too_many_elements"_code, {{"limit", std::to_string(limits.max_elements)}});
    element.length = cursor.skip(element, 0, limits);
    scan.elements.push_back(element);
  }
}

}  // namespace

bool looks_like_dicom(std::span<const std::uint8_t> head) {
  return find_begin(head).has_value();
}

DicomScan scan_dicom(const Bytes& file, const std::string& shown, const Limits& limits) {
  const std::optional<std::size_t> begin = find_begin(file.span());
  if (!begin) throw Error("not_an_image"_code, {{"path", shown}});
  DicomScan scan;
  scan.data = file;
  named(shown, [&] {
    std::size_t at = read_meta(file.span(), *begin, scan, limits);
    if (scan.transfer_syntax_uid == kDeflated) {
      scan.data = inflate_data_set(file.span().subspan(at), shown, limits);
      at = 0;
    }
    scan.encoding = detect_encoding(scan.data.span(), at);
    scan.elements.reserve(128);
    scan_elements(at, scan, limits);
  });
  return scan;
}

std::vector<std::vector<DicomElement>> scan_items(std::span<const std::uint8_t> data,
                                                  const DicomElement& sequence,
                                                  DicomEncoding& encoding, const Limits& limits) {
  const std::size_t end = sequence.offset + sequence.length;
  encoding = DicomCursor(data, sequence.offset, end, encoding).inside(sequence);
  DicomCursor cursor(data, sequence.offset, end, encoding);
  std::vector<std::vector<DicomElement>> items;
  while (!cursor.at_end()) {
    DicomElement item = cursor.next();
    if (item.tag != kItem) break;
    if (items.size() >= static_cast<std::size_t>(limits.max_elements))
      throw Error("dicom_too_many_elements"_code, {{"limit", std::to_string(limits.max_elements)}});
    std::vector<DicomElement>& elements = items.emplace_back();
    const std::size_t item_end =
        item.undefined_length ? end : std::min(end, item.offset + item.length);
    DicomCursor inner(data, item.offset, item_end, encoding);
    while (!inner.at_end()) {
      DicomElement element = inner.next();
      if (element.tag == kItemEnd) break;
      element.length = inner.skip(element, 0, limits);
      elements.push_back(element);
    }
    cursor.move_to(item.undefined_length ? inner.at() : item_end);
  }
  return items;
}

std::vector<std::span<const std::uint8_t>> scan_fragments(std::span<const std::uint8_t> data,
                                                          const DicomElement& pixels) {
  std::vector<std::span<const std::uint8_t>> fragments;
  DicomCursor cursor(data, pixels.offset, data.size(), {true, false});
  while (!cursor.at_end()) {
    const DicomElement item = cursor.next();
    if (item.tag != kItem || item.undefined_length) break;
    // A fragment cut off by the end of the file is handed on: its decoder says what is missing.
    const std::size_t length = std::min(item.length, data.size() - item.offset);
    fragments.push_back(data.subspan(item.offset, length));
    cursor.move_to(item.offset + length);
  }
  return fragments;
}

}  // namespace thorax::intake
