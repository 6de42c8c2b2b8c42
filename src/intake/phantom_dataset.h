// DICOM plumbing of the phantom's writers: attributes, UIDs, transfer syntaxes, bytes.
#pragma once

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include <cstdint>
#include <string>
#include <vector>

#include "intake/phantom_dicom.h"

namespace thorax::intake::phantom {

/// Sets a string attribute; throws Error("internal"_code) if DCMTK refuses it.
void put(DcmItem& item, const DcmTagKey& tag, const std::string& value);
void put(DcmItem& item, const DcmTagKey& tag, double value);
void put(DcmItem& item, const DcmTagKey& tag, std::uint16_t value);
/// Multi-valued decimal string.
void put(DcmItem& item, const DcmTagKey& tag, const std::vector<double>& values);

/// One item of a sequence holding a code (PS3.3 8.8).
void put_code(DcmItem& item, const DcmTagKey& sequence, const std::string& value,
              const std::string& scheme, const std::string& meaning);

/// A UID under 2.25 from the SHA-256 of `name` (PS3.5 B.2).
std::string uuid_uid(const std::string& name);

/// Attributes of the patient, study and equipment that all objects of a phantom share.
void put_study(DcmItem& item, const std::string& content_id);

/// A monochrome image of up to 16 bits a pixel, unsigned, as a DICOM file in the given transfer
/// syntax. Adds the Image Pixel module to `dataset`.
std::string encode_file(DcmFileFormat& file, const std::vector<std::uint16_t>& pixels, int rows,
                        int columns, int bits, PhantomSyntax syntax);

/// A JPEG 2000 lossless code stream (ISO/IEC 15444-1), one component, unsigned.
std::string encode_jpeg_2000(const std::vector<std::uint16_t>& pixels, int rows, int columns,
                             int bits);

}  // namespace thorax::intake::phantom
