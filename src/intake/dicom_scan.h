// The structure of a DICOM file, checked before any value is used: where its elements lie and
// where its pixels begin. Everything is bounded: nesting, element count, lengths against the file.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "intake/child_bytes.h"
#include "intake/limits.h"

namespace thorax::intake {

/// Group and element number as one value, e.g. 0x00280010 for Rows.
using DicomTag = std::uint32_t;
inline constexpr DicomTag kPixelData = 0x7FE00010;

/// How the elements of a data set, or of an item, are written (PS3.5 section 7 and annex A).
struct DicomEncoding {
  bool explicit_vr = false;
  bool big_endian = false;
};

struct DicomElement {
  DicomTag tag = 0;
  std::array<char, 2> vr{};  ///< zeros when implicit
  std::size_t offset = 0;    ///< of the value
  std::size_t length = 0;    ///< of the value, without its delimiter
  bool undefined_length = false;
  bool has_vr(const char* name) const { return vr[0] == name[0] && vr[1] == name[1]; }
};

struct DicomScan {
  Bytes data;                          ///< what offsets refer to (inflated when deflated)
  std::string transfer_syntax_uid;     ///< declared; empty without meta header
  std::string media_sop_class_uid;     ///< of the meta header; empty without
  DicomEncoding encoding;              ///< as the data set really is
  std::vector<DicomElement> elements;  ///< top level, up to and without PixelData
  std::optional<DicomElement> pixels;  ///< PixelData; its length may run past the end of `data`
};

/// Whether the first bytes of a file without "DICM" at 128 may still be DICOM: no preamble, no
/// meta header, or padding in front. Costs microseconds.
bool looks_like_dicom(std::span<const std::uint8_t> head);

/// Throws Error(not_an_image) for what is no DICOM, Error(dicom_broken), Error(dicom_too_deep),
/// Error(dicom_too_many_elements), and what Expansion throws for deflated data sets.
DicomScan scan_dicom(const Bytes& file, const std::string& shown, const Limits& limits);

/// Elements of the items of a sequence element of a scanned data set; nothing when it is none.
std::vector<std::vector<DicomElement>> scan_items(std::span<const std::uint8_t> data,
                                                  const DicomElement& sequence,
                                                  DicomEncoding& encoding, const Limits& limits);

/// Fragments of encapsulated PixelData, the offset table first (PS3.5 annex A.4).
std::vector<std::span<const std::uint8_t>> scan_fragments(std::span<const std::uint8_t> data,
                                                          const DicomElement& pixels);

}  // namespace thorax::intake
