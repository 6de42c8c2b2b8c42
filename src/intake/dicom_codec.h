// Decoders of encapsulated pixel data: DCMTK for RLE, JPEG and JPEG-LS, OpenJPEG for JPEG 2000.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "intake/dicom_pixels.h"

namespace thorax::intake {

/// Registers DCMTK's decoders and silences its log. Cheap; safe to call again, also from threads.
void register_codecs();

/// Decodes one whole compressed frame as decode_frame() does.
Bytes decode_dcmtk(std::span<const std::uint8_t> frame, const std::string& transfer_syntax_uid,
                   PixelFormat& format);
Bytes decode_jpeg2000(std::span<const std::uint8_t> frame, PixelFormat& format);

}  // namespace thorax::intake
