// DICOM files written by hand, byte by byte, so that tests can get them wrong on purpose.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "intake/child_bytes.h"

namespace thorax::intake {

inline Bytes as_bytes(const std::string& text) {
  auto owner = std::make_shared<std::string>(text);
  return {{reinterpret_cast<const std::uint8_t*>(owner->data()), owner->size()}, owner};
}

/// Data elements in explicit or implicit little endian, or explicit big endian.
class DicomBytes {
 public:
  explicit DicomBytes(bool explicit_vr = true, bool big_endian = false)
      : explicit_(explicit_vr), big_(big_endian) {}

  DicomBytes& raw(std::uint32_t tag, const char* vr, const std::string& value) {
    return header(tag, vr, static_cast<std::uint32_t>(value.size())).append(value);
  }
  DicomBytes& text(std::uint32_t tag, const char* vr, std::string value) {
    if (value.size() % 2 != 0) value += std::strcmp(vr, "UI") == 0 ? '\0' : ' ';
    return raw(tag, vr, value);
  }
  DicomBytes& us(std::uint32_t tag, std::uint16_t value) {
    header(tag, "US", 2);
    return number(value, 2);
  }
  DicomBytes& ss(std::uint32_t tag, std::int16_t value) {
    header(tag, "SS", 2);
    return number(static_cast<std::uint16_t>(value), 2);
  }
  /// Tag, VR and a length that need not be true.
  DicomBytes& header(std::uint32_t tag, const char* vr, std::uint32_t length) {
    number(tag >> 16, 2).number(tag & 0xFFFF, 2);
    if (!explicit_ || tag >> 16 == 0xFFFE) return number(length, 4);
    append(std::string(vr, 2));
    const bool is_long =
        std::string("OB OD OF OL OV OW SQ UC UN UR UT").find(vr) != std::string::npos;
    return is_long ? number(0, 2).number(length, 4) : number(length, 2);
  }
  DicomBytes& number(std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i)
      bytes_ += static_cast<char>(value >> 8 * (big_ ? bytes - 1 - i : i) & 0xFF);
    return *this;
  }
  DicomBytes& append(const std::string& more) {
    bytes_ += more;
    return *this;
  }
  const std::string& str() const { return bytes_; }

 private:
  bool explicit_, big_;
  std::string bytes_;
};

/// Preamble, "DICM" and a meta header in front of a data set.
inline std::string dicom_file(const std::string& data_set,
                              const std::string& syntax = "1.2.840.10008.1.2.1") {
  DicomBytes meta;
  meta.text(0x00020002, "UI", "1.2.840.10008.5.1.4.1.1.2").text(0x00020010, "UI", syntax);
  return std::string(128, '\0') + "DICM" + meta.str() + data_set;
}

/// What one CT slice is made of; tests change what they are about.
struct SmallSlice {
  int rows = 4, columns = 4, bits_allocated = 16, bits_stored = 16, high_bit = -1;
  bool is_signed = true;
  std::string slope = "1", intercept = "0", photometric = "MONOCHROME2", modality = "CT";
  std::string position = "0\\0\\0", uid = "1.2.3.1", study = "1.2.3";
  std::string pixels;  ///< zeros when empty
  DicomBytes extra{};  ///< elements of group 0028 above (0028,1053)

  std::string data_set(bool explicit_vr = true, bool big_endian = false) const {
    DicomBytes d(explicit_vr, big_endian);
    d.text(0x00080008, "CS", "ORIGINAL\\PRIMARY\\AXIAL");
    d.text(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.2").text(0x00080018, "UI", uid);
    d.text(0x00080060, "CS", modality).text(0x00180015, "CS", "CHEST");
    d.text(0x00180050, "DS", "1")
        .text(0x0020000D, "UI", study)
        .text(0x0020000E, "UI", study + ".0");
    d.text(0x00200032, "DS", position).text(0x00200037, "DS", "1\\0\\0\\0\\1\\0");
    d.us(0x00280002, 1).text(0x00280004, "CS", photometric);
    d.us(0x00280010, static_cast<std::uint16_t>(rows));
    d.us(0x00280011, static_cast<std::uint16_t>(columns));
    d.text(0x00280030, "DS", "1\\1");
    d.us(0x00280100, static_cast<std::uint16_t>(bits_allocated));
    d.us(0x00280101, static_cast<std::uint16_t>(bits_stored));
    d.us(0x00280102, static_cast<std::uint16_t>(high_bit < 0 ? bits_stored - 1 : high_bit));
    d.us(0x00280103, is_signed ? 1 : 0);
    if (!intercept.empty()) d.text(0x00281052, "DS", intercept);
    if (!slope.empty()) d.text(0x00281053, "DS", slope);
    d.append(extra.str());
    const std::string data =
        pixels.empty()
            ? std::string(static_cast<std::size_t>(rows * columns * bits_allocated / 8), '\0')
            : pixels;
    d.raw(0x7FE00010, "OW", data);
    return d.str();
  }
  std::string file() const { return dicom_file(data_set()); }
};

/// 16-bit little-endian samples.
inline std::string samples16(const std::vector<int>& values) {
  std::string out;
  for (const int v : values) {
    out += static_cast<char>(v & 0xFF);
    out += static_cast<char>(v >> 8 & 0xFF);
  }
  return out;
}

}  // namespace thorax::intake
