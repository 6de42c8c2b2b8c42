// Reads DICOM data elements one by one from memory, never past its end.
#pragma once

#include <span>
#include <string>

#include "intake/dicom_scan.h"

namespace thorax::intake {

inline constexpr std::uint32_t kUndefinedLength = 0xFFFFFFFF;
inline constexpr DicomTag kItem = 0xFFFEE000;
inline constexpr DicomTag kItemEnd = 0xFFFEE00D;
inline constexpr DicomTag kSequenceEnd = 0xFFFEE0DD;

bool is_known_vr(char a, char b);

class DicomCursor {
 public:
  DicomCursor(std::span<const std::uint8_t> data, std::size_t at, std::size_t end,
              DicomEncoding encoding)
      : data_(data), at_(at), end_(end), encoding_(encoding) {}

  std::size_t at() const { return at_; }
  void move_to(std::size_t at) { at_ = at; }
  bool at_end() const { return at_ + 8 > end_; }
  DicomEncoding encoding() const { return encoding_; }

  std::uint16_t u16(std::size_t at) const;
  std::uint32_t u32(std::size_t at) const;
  DicomTag peek_tag() const;

  /// Reads tag, VR and length, and stands at the value afterwards. The length is as declared,
  /// cut to nothing when undefined. Throws Error(dicom_broken) at the end of the data.
  DicomElement next();

  /// Moves behind the value of `element`, walking sequences of undefined length. Throws
  /// Error(dicom_broken) for lengths beyond the end and Error(dicom_too_deep). Returns the length
  /// of the value without its delimiter.
  std::size_t skip(const DicomElement& element, int depth, const Limits& limits);
  /// How the items of `element` are written (an explicit UN sequence is implicit inside,
  /// PS3.5 6.2.2).
  DicomEncoding inside(const DicomElement& element) const;

 private:
  void skip_items(int depth, const Limits& limits);
  void skip_elements(int depth, const Limits& limits);

  std::span<const std::uint8_t> data_;
  std::size_t at_;
  std::size_t end_;
  DicomEncoding encoding_;
};

[[noreturn]] void dicom_is_broken(const std::string& detail);

}  // namespace thorax::intake
