#include "intake/picture.h"

#include <utility>

#include "base/error.h"
#include "intake/child_named.h"
#include "intake/picture_codec.h"
#include "intake/picture_exif.h"

namespace thorax::intake {

void picture_is_broken(const std::string& detail) {
  throw Error("picture_broken"_code, {{"detail", detail}});
}

FileHeader read_picture_header(const Bytes& file, Content kind, const std::string& shown,
                               const Limits& limits) {
  PictureSize size = named(shown, [&] {
    return kind == Content::jpeg ? jpeg_size(file.span()) : png_size(file.span());
  });
  if (kind == Content::jpeg && swaps_sides(exif_orientation(file.span())))
    std::swap(size.rows, size.columns);
  // Decoded, each channel takes as much memory as a grey picture.
  const std::uint64_t samples = static_cast<std::uint64_t>(size.rows) *
                                static_cast<std::uint64_t>(size.columns) *
                                static_cast<std::uint64_t>(size.channels);
  if (size.rows > limits.max_side || size.columns > limits.max_side ||
      samples > limits.max_image_pixels)
    throw Error("image_too_large"_code, {{"path", shown},
                                         {"rows", std::to_string(size.rows)},
                                         {"columns", std::to_string(size.columns)}});
  FileHeader header;
  Instance& i = header.instance;
  i.rows = size.rows;
  i.columns = size.columns;
  i.samples = size.channels;
  i.photometric = size.channels == 3 ? "RGB" : "MONOCHROME2";
  i.bits_allocated = i.bits_stored = 8;
  i.has_pixels = true;
  return header;
}

void decode_picture(const Bytes& file, Content kind, std::span<float> out) {
  if (kind == Content::jpeg) {
    decode_jpeg(file.span(), exif_orientation(file.span()), out);
  } else {
    decode_png(file.span(), out);
  }
}

}  // namespace thorax::intake
