#include <csetjmp>
#include <cstdio>
#include <vector>

#include <jpeglib.h>

#include "intake/child_text.h"
#include "intake/picture_codec.h"
#include "intake/picture_exif.h"

namespace thorax::intake {
namespace {

/// libjpeg reports errors by longjmp; nothing between setjmp and the jump may need a destructor.
struct Reader {
  jpeg_decompress_struct info;
  jpeg_error_mgr errors;
  std::jmp_buf back;
  char message[JMSG_LENGTH_MAX];
};

void fail(j_common_ptr info) {
  auto* reader = static_cast<Reader*>(info->client_data);
  info->err->format_message(info, reader->message);
  std::longjmp(reader->back, 1);
}

/// libjpeg fills a truncated picture with grey: that would be a wrong image given quietly.
void warn(j_common_ptr info, int level) {
  if (level < 0) fail(info);
}

void start(Reader& reader, std::span<const std::uint8_t> file) {
  reader.info = {};
  reader.info.err = jpeg_std_error(&reader.errors);
  reader.errors.error_exit = fail;
  reader.errors.emit_message = warn;
  reader.info.client_data = &reader;
  jpeg_create_decompress(&reader.info);
  reader.info.client_data = &reader;
  jpeg_mem_src(&reader.info, file.data(), static_cast<unsigned long>(file.size()));
  jpeg_read_header(&reader.info, TRUE);
  reader.info.out_color_space =
      reader.info.jpeg_color_space == JCS_GRAYSCALE ? JCS_GRAYSCALE : JCS_RGB;
}

/// Returns false with reader.message set.
bool read_size(Reader& reader, std::span<const std::uint8_t> file, PictureSize& size) {
  if (setjmp(reader.back) != 0) {
    jpeg_destroy_decompress(&reader.info);
    return false;
  }
  start(reader, file);
  jpeg_calc_output_dimensions(&reader.info);
  size = {static_cast<int>(reader.info.output_height), static_cast<int>(reader.info.output_width),
          reader.info.output_components};
  jpeg_destroy_decompress(&reader.info);
  return true;
}

bool read_pixels(Reader& reader, std::span<const std::uint8_t> file, std::uint8_t* row, float* out,
                 PictureSize size, Placement place) {
  if (setjmp(reader.back) != 0) {
    jpeg_destroy_decompress(&reader.info);
    return false;
  }
  start(reader, file);
  jpeg_start_decompress(&reader.info);
  for (int y = 0; y < size.rows; ++y) {
    JSAMPROW target = row;
    jpeg_read_scanlines(&reader.info, &target, 1);
    for (int x = 0; x < size.columns; ++x) {
      float* pixel = out + (place.first + y * place.per_row + x * place.per_column) * size.channels;
      for (int c = 0; c < size.channels; ++c)
        pixel[c] = static_cast<float>(row[x * size.channels + c]);
    }
  }
  jpeg_finish_decompress(&reader.info);
  jpeg_destroy_decompress(&reader.info);
  return true;
}

}  // namespace

PictureSize jpeg_size(std::span<const std::uint8_t> file) {
  Reader reader{};
  PictureSize size;
  if (!read_size(reader, file, size)) picture_is_broken(clean_utf8(reader.message));
  return size;
}

void decode_jpeg(std::span<const std::uint8_t> file, int orientation, std::span<float> out) {
  const PictureSize size = jpeg_size(file);
  const std::size_t samples =
      static_cast<std::size_t>(size.columns) * static_cast<std::size_t>(size.channels);
  if (samples * static_cast<std::size_t>(size.rows) != out.size())
    picture_is_broken("the file has changed");
  Reader reader{};
  std::vector<std::uint8_t> row(samples);
  if (!read_pixels(reader, file, row.data(), out.data(), size,
                   upright(size.rows, size.columns, orientation)))
    picture_is_broken(clean_utf8(reader.message));
}

}  // namespace thorax::intake
