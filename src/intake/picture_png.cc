#include <png.h>

#include <csetjmp>
#include <cstring>
#include <vector>

#include "intake/child_text.h"
#include "intake/picture_codec.h"

namespace thorax::intake {
namespace {

/// libpng reports errors by longjmp; nothing between setjmp and the jump may need a destructor.
struct Reader {
  png_structp png = nullptr;
  png_infop info = nullptr;
  const std::uint8_t* data = nullptr;
  std::size_t size = 0, at = 0;
  char message[128] = "out of memory";
};

void fail(png_structp png, png_const_charp text) {
  auto* reader = static_cast<Reader*>(png_get_error_ptr(png));
  std::strncpy(reader->message, text, sizeof reader->message - 1);
  png_longjmp(png, 1);
}

void ignore(png_structp, png_const_charp) {}

void take(png_structp png, png_bytep out, std::size_t count) {
  auto* reader = static_cast<Reader*>(png_get_io_ptr(png));
  if (count > reader->size - reader->at) png_error(png, "the file is cut off");
  std::memcpy(out, reader->data + reader->at, count);
  reader->at += count;
}

/// Reads the header and asks for grey or RGB, 8 or 16 bits, without transparency.
void start(Reader& reader) {
  png_set_read_fn(reader.png, &reader, take);
  png_read_info(reader.png, reader.info);
  png_set_palette_to_rgb(reader.png);
  png_set_expand_gray_1_2_4_to_8(reader.png);
  png_set_strip_alpha(reader.png);
  png_set_interlace_handling(reader.png);
  png_read_update_info(reader.png, reader.info);
}

PictureSize size_of(const Reader& reader) {
  return {static_cast<int>(png_get_image_height(reader.png, reader.info)),
          static_cast<int>(png_get_image_width(reader.png, reader.info)),
          png_get_channels(reader.png, reader.info)};
}

class Png {
 public:
  explicit Png(std::span<const std::uint8_t> file) {
    reader_.data = file.data();
    reader_.size = file.size();
    reader_.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader_, fail, ignore);
    if (reader_.png) reader_.info = png_create_info_struct(reader_.png);
    if (!reader_.info) picture_is_broken(reader_.message);
  }
  ~Png() { png_destroy_read_struct(&reader_.png, &reader_.info, nullptr); }
  Png(const Png&) = delete;
  Png& operator=(const Png&) = delete;

  PictureSize size() {
    if (!read_size()) picture_is_broken(clean_utf8(reader_.message));
    return size_;
  }
  bool is_16_bit() const { return png_get_bit_depth(reader_.png, reader_.info) == 16; }
  std::size_t row_bytes() const { return png_get_rowbytes(reader_.png, reader_.info); }
  void read(png_bytepp rows) {
    if (!read_rows(rows)) picture_is_broken(clean_utf8(reader_.message));
  }

 private:
  bool read_size() {
    if (setjmp(png_jmpbuf(reader_.png)) != 0) return false;
    start(reader_);
    size_ = size_of(reader_);
    return true;
  }
  bool read_rows(png_bytepp rows) {
    if (setjmp(png_jmpbuf(reader_.png)) != 0) return false;
    png_read_image(reader_.png, rows);
    png_read_end(reader_.png, nullptr);
    return true;
  }

  Reader reader_;
  PictureSize size_;
};

}  // namespace

PictureSize png_size(std::span<const std::uint8_t> file) {
  return Png(file).size();
}

void decode_png(std::span<const std::uint8_t> file, std::span<float> out) {
  Png png(file);
  const PictureSize size = png.size();
  const auto rows = static_cast<std::size_t>(size.rows);
  const std::size_t samples =
      static_cast<std::size_t>(size.columns) * static_cast<std::size_t>(size.channels);
  if (samples * rows != out.size()) picture_is_broken("the file has changed");
  const std::size_t row_bytes = png.row_bytes();
  std::vector<std::uint8_t> pixels(row_bytes * rows);
  std::vector<png_bytep> starts(rows);
  for (std::size_t y = 0; y < rows; ++y) starts[y] = pixels.data() + y * row_bytes;
  png.read(starts.data());
  const bool wide = png.is_16_bit();
  for (std::size_t y = 0; y < rows; ++y)
    for (std::size_t i = 0; i < samples; ++i) {
      const std::uint8_t* at = starts[y] + (wide ? 2 * i : i);
      // PNG is big-endian; 65535 and 255 are both white.
      out[y * samples + i] =
          wide ? static_cast<float>(at[0] * 256 + at[1]) / 257.0F : static_cast<float>(*at);
    }
}

}  // namespace thorax::intake
