// Attributes, codes and UIDs of data sets that are written.
#pragma once

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include <cstdint>
#include <string>
#include <vector>

namespace thorax::dicom {

/// Sets a string attribute; this and what follows throws Error("internal"_code) if DCMTK refuses
/// it.
void put(DcmItem& item, const DcmTagKey& tag, const std::string& value);
void put(DcmItem& item, const DcmTagKey& tag, double value);
void put(DcmItem& item, const DcmTagKey& tag, std::uint16_t value);
/// Multi-valued decimal string.
void put(DcmItem& item, const DcmTagKey& tag, const std::vector<double>& values);

/// A code of a scheme (PS3.3 8.8).
struct Code {
  std::string value, scheme, meaning;
  bool operator==(const Code&) const = default;
};

/// A sequence of one item that holds the code; a value of more than 16 characters, which Code Value
/// cannot hold, is a Long Code Value.
void put_code(DcmItem& item, const DcmTagKey& sequence, const Code& code);

/// A new item behind those that the sequence has.
DcmItem& add_item(DcmItem& item, const DcmTagKey& sequence);

/// A UID under 2.25 from the SHA-256 of `name` (PS3.5 B.2).
std::string uuid_uid(const std::string& name);

}  // namespace thorax::dicom
