// Stored pixel values of one frame, decoded from whatever transfer syntax.
#pragma once

#include <optional>
#include <string>

#include "intake/dicom_scan.h"
#include "intake/dicom_values.h"

namespace thorax::intake {

/// Image Pixel module (PS3.3 C.7.6.3), as far as decoding needs it.
struct PixelFormat {
  int rows = 0, columns = 0, frames = 1, samples = 1;
  int bits_allocated = 16, bits_stored = 16, high_bit = 15;
  bool is_signed = false;
  bool planar = false;  ///< colour samples in planes instead of interleaved
  std::string photometric;
  /// Stored values from `padding` to `padding_limit` are outside the image (PS3.3 C.7.5.1.1.2).
  std::optional<int> padding, padding_limit;

  std::size_t bytes_per_sample() const { return static_cast<std::size_t>(bits_allocated) / 8; }
  std::size_t pixels() const {
    return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
  }
  std::size_t frame_bytes() const {
    return pixels() * static_cast<std::size_t>(samples) * bytes_per_sample();
  }
};

/// Throws Error(unsupported_pixels) for what no decoder here reads (1, 12 or 64 bits, float).
PixelFormat read_pixel_format(const DicomItem& item);

/// One frame (from 0) as samples of `format.bits_allocated` bits in the byte order of this
/// machine, rows from the top. Decoders may change `format` (colour model, planes, bits). Throws
/// Error(pixels_truncated), Error(pixels_broken), Error(unsupported_syntax).
Bytes decode_frame(const DicomScan& scan, PixelFormat& format, int frame);

/// Whether the syntax may have changed the values (PS3.5 8.2: JPEG baseline, extended, near
/// lossless JPEG-LS, JPEG 2000 other than lossless only).
bool is_lossy_syntax(const std::string& transfer_syntax_uid);

}  // namespace thorax::intake
