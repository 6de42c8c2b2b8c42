// Values of data elements, read leniently: by the VR that is written where it makes sense, by the
// VR that the standard gives where it does not (implicit, UN, wrong).
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "intake/dicom_scan.h"

namespace thorax::intake {

/// How an attribute is written by the standard (PS3.6), where the file does not tell.
enum class Vr { text, us, ss, ul, fd };

/// A data set, or an item of a sequence, of a scanned file. The scan must outlive it.
class DicomItem {
 public:
  DicomItem(const DicomScan& scan, const Limits& limits)
      : data_(scan.data.span()),
        elements_(scan.elements),
        encoding_(scan.encoding),
        limits_(limits) {}

  const DicomElement* find(DicomTag tag) const;
  bool has(DicomTag tag) const { return find(tag) != nullptr; }
  std::span<const std::uint8_t> bytes(DicomTag tag) const;

  /// Values between backslashes, spaces and NULs around each removed; no character set applied.
  std::vector<std::string> texts(DicomTag tag) const;
  std::string text(DicomTag tag) const;  ///< the first of texts(); empty when absent
  /// The whole value in UTF-8, without padding, cut to 1024 bytes.
  std::string utf8(DicomTag tag, const std::string& character_set) const;

  std::vector<double> numbers(DicomTag tag, Vr vr) const;  ///< up to the first that is none
  std::optional<double> number(DicomTag tag, Vr vr = Vr::text) const;
  /// Rounded; nullopt when absent or beyond int.
  std::optional<int> integer(DicomTag tag, Vr vr = Vr::text) const;
  template <std::size_t N>
  std::optional<std::array<double, N>> vector(DicomTag tag) const {
    const std::vector<double> values = numbers(tag, Vr::text);
    if (values.size() < N) return std::nullopt;
    std::array<double, N> out{};
    std::copy_n(values.begin(), N, out.begin());
    return out;
  }

  std::vector<DicomItem> items(DicomTag sequence) const;
  std::optional<DicomItem> first_item(DicomTag sequence) const;

 private:
  DicomItem(std::span<const std::uint8_t> data, std::vector<DicomElement> elements,
            DicomEncoding encoding, const Limits& limits)
      : data_(data), elements_(std::move(elements)), encoding_(encoding), limits_(limits) {}

  std::span<const std::uint8_t> data_;
  std::vector<DicomElement> elements_;
  DicomEncoding encoding_;
  Limits limits_;
};

}  // namespace thorax::intake
