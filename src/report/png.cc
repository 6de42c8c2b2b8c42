#include "report/png.h"

#include <png.h>

#include <algorithm>
#include <string>

#include "base/error.h"

namespace thorax::report {
namespace {

/// libpng's simplified interface reports errors by value, so that no longjmp crosses our frames.
class PngImage {
 public:
  PngImage() { image_.version = PNG_IMAGE_VERSION; }
  PngImage(const PngImage&) = delete;
  PngImage& operator=(const PngImage&) = delete;
  ~PngImage() { png_image_free(&image_); }

  png_image* operator->() { return &image_; }
  png_image* get() { return &image_; }
  void check(int ok) const {
    if (!ok) throw Error("internal"_code, {{"detail", std::string("png: ") + image_.message}});
  }

 private:
  png_image image_{};
};

std::vector<std::uint8_t> encode(int width, int height, png_uint_32 format, const void* pixels) {
  PngImage image;
  image->width = static_cast<png_uint_32>(width);
  image->height = static_cast<png_uint_32>(height);
  image->format = format;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(*image.get());
  std::vector<std::uint8_t> out(size);
  image.check(png_image_write_to_memory(image.get(), out.data(), &size, 0, pixels, 0, nullptr));
  out.resize(size);
  return out;
}

struct Decoded {
  int width = 0, height = 0;
  std::vector<std::uint8_t> rgba;
};

Decoded decode(std::span<const std::uint8_t> png) {
  PngImage image;
  image.check(png_image_begin_read_from_memory(image.get(), png.data(), png.size()));
  image->format = PNG_FORMAT_RGBA;
  Decoded out{static_cast<int>(image->width), static_cast<int>(image->height), {}};
  out.rgba.resize(PNG_IMAGE_SIZE(*image.get()));
  image.check(png_image_finish_read(image.get(), nullptr, out.rgba.data(), 0, nullptr));
  return out;
}

}  // namespace

std::vector<std::uint8_t> encode_png(const Grey& image) {
  return encode(image.width, image.height, PNG_FORMAT_GRAY, image.pixels.data());
}

std::vector<std::uint8_t> encode_png(const Canvas& image) {
  return encode(image.width(), image.height(), PNG_FORMAT_RGBA, image.pixels().data());
}

std::vector<std::uint8_t> flatten_png(std::span<const std::uint8_t> png,
                                      std::span<const std::uint8_t> overlay_png) {
  if (overlay_png.empty()) return {png.begin(), png.end()};
  Decoded under = decode(png);
  const Decoded over = decode(overlay_png);
  if (under.width != over.width || under.height != over.height)
    throw Error("internal"_code, {{"detail", "overlay of another size"}});
  for (std::size_t i = 0; i < under.rgba.size(); i += 4) {
    const unsigned alpha = over.rgba[i + 3];
    for (std::size_t c = 0; c < 3; ++c)
      under.rgba[i + c] = static_cast<std::uint8_t>(
          (over.rgba[i + c] * alpha + under.rgba[i + c] * (255 - alpha) + 127) / 255);
  }
  std::vector<std::uint8_t> rgb(under.rgba.size() / 4 * 3);
  for (std::size_t i = 0; i < under.rgba.size() / 4; ++i)
    std::copy_n(under.rgba.begin() + static_cast<std::ptrdiff_t>(4 * i), 3,
                rgb.begin() + static_cast<std::ptrdiff_t>(3 * i));
  return encode(under.width, under.height, PNG_FORMAT_RGB, rgb.data());
}

}  // namespace thorax::report
