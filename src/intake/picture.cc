#include "intake/picture.h"

#include <utility>
#include <vector>

#include "base/error.h"
#include "intake/child_named.h"
#include "intake/picture_codec.h"
#include "intake/picture_exif.h"

namespace thorax::intake {

void picture_is_broken(const std::string& detail) {
  throw Error(Code::picture_broken, {{"detail", detail}});
}

FileHeader read_picture_header(const Bytes& file, Content kind, const std::string& shown,
                               const Limits& limits) {
  PictureSize size = named(shown, [&] {
    return kind == Content::jpeg ? jpeg_size(file.span()) : png_size(file.span());
  });
  if (kind == Content::jpeg && swaps_sides(exif_orientation(file.span())))
    std::swap(size.rows, size.columns);
  const auto pixels =
      static_cast<std::uint64_t>(size.rows) * static_cast<std::uint64_t>(size.columns);
  if (size.rows > limits.max_side || size.columns > limits.max_side ||
      pixels > limits.max_image_pixels)
    throw Error(Code::image_too_large, {{"path", shown},
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
  if (kind != Content::jpeg) return decode_png(file.span(), out);
  const int orientation = exif_orientation(file.span());
  if (orientation == 1) return decode_jpeg(file.span(), out);
  const PictureSize size = jpeg_size(file.span());
  std::vector<float> stored(out.size());
  decode_jpeg(file.span(), stored);
  turn_upright(stored, static_cast<std::size_t>(size.rows), static_cast<std::size_t>(size.columns),
               static_cast<std::size_t>(size.channels), orientation, out);
}

}  // namespace thorax::intake
