// Drawing on pictures: pixels, lines, letters. Coordinates are whole pixels, y down; whatever falls
// outside is not drawn.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace thorax::report {

/// An 8-bit grey picture, rows from top to bottom.
struct Grey {
  int width = 0, height = 0;
  std::vector<std::uint8_t> pixels;

  Grey() = default;
  Grey(int w, int h, std::uint8_t value = 0)
      : width(w),
        height(h),
        pixels(static_cast<std::size_t>(w) * static_cast<std::size_t>(h), value) {}
  bool contains(int x, int y) const { return x >= 0 && y >= 0 && x < width && y < height; }
  std::uint8_t& at(int x, int y) { return pixels[index(x, y)]; }
  std::uint8_t at(int x, int y) const { return pixels[index(x, y)]; }

 private:
  std::size_t index(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
           static_cast<std::size_t>(x);
  }
};

struct Colour {
  std::uint8_t red = 255, green = 255, blue = 255, alpha = 255;

  /// From "#rrggbb".
  static Colour hex(std::string_view text, std::uint8_t alpha = 255);
};

/// A transparent colour layer. A drawn pixel replaces what was there; strokes and letters have a
/// dark rim so that they read on any tissue.
class Canvas {
 public:
  Canvas(int width, int height);

  int width() const { return width_; }
  int height() const { return height_; }
  const std::vector<std::uint8_t>& pixels() const { return rgba_; }  ///< RGBA, not premultiplied
  Colour at(int x, int y) const;

  void set(int x, int y, Colour colour);
  void line(int x0, int y0, int x1, int y1, Colour colour);
  /// Letters of 7 * scale pixels height; (x, y) is the top left corner.
  void text(int x, int y, std::string_view letters, Colour colour, int scale = 2);
  /// Four corner angles around a box (inclusive corners).
  void corners(int x0, int y0, int x1, int y1, Colour colour);

 private:
  void rim(int x, int y);

  int width_, height_;
  std::vector<std::uint8_t> rgba_;
};

int text_width(std::string_view letters, int scale = 2);
/// The same letters on a grey picture: white with a black rim.
void draw_text(Grey& image, int x, int y, std::string_view letters, int scale = 2);

}  // namespace thorax::report
