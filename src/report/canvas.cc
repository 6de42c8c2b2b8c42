#include "report/canvas.h"

#include <algorithm>
#include <cstdlib>

#include "report/font.h"

namespace thorax::report {
namespace {

/// Calls put(x, y) for every pixel of the letters.
template <class Put>
void each_letter_pixel(int x, int y, std::string_view letters, int scale, Put put) {
  for (const char letter : letters) {
    const auto rows = glyph(letter);
    for (int row = 0; row < kGlyphHeight * scale; ++row)
      for (int column = 0; column < kGlyphWidth * scale; ++column)
        if (rows[static_cast<std::size_t>(row / scale)] >> (kGlyphWidth - 1 - column / scale) & 1)
          put(x + column, y + row);
    x += (kGlyphWidth + 1) * scale;
  }
}

/// Calls put(x, y) along a straight line (Bresenham).
template <class Put>
void each_line_pixel(int x0, int y0, int x1, int y1, Put put) {
  const int dx = std::abs(x1 - x0), dy = -std::abs(y1 - y0);
  const int sx = x0 < x1 ? 1 : -1, sy = y0 < y1 ? 1 : -1;
  for (int error = dx + dy;;) {
    put(x0, y0);
    if (x0 == x1 && y0 == y1) return;
    const int twice = 2 * error;
    if (twice >= dy) {
      error += dy;
      x0 += sx;
    }
    if (twice <= dx) {
      error += dx;
      y0 += sy;
    }
  }
}

constexpr Colour kRim{0, 0, 0, 200};

}  // namespace

Colour Colour::hex(std::string_view text, std::uint8_t alpha) {
  const auto part = [&](std::size_t i) {
    return static_cast<std::uint8_t>(
        std::strtol(std::string(text.substr(i, 2)).c_str(), nullptr, 16));
  };
  return {part(1), part(3), part(5), alpha};
}

Canvas::Canvas(int width, int height)
    : width_(width),
      height_(height),
      rgba_(4 * static_cast<std::size_t>(width) * static_cast<std::size_t>(height)) {}

Colour Canvas::at(int x, int y) const {
  const std::size_t i = 4 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) +
                             static_cast<std::size_t>(x));
  return {rgba_[i], rgba_[i + 1], rgba_[i + 2], rgba_[i + 3]};
}

void Canvas::set(int x, int y, Colour colour) {
  if (x < 0 || y < 0 || x >= width_ || y >= height_) return;
  const std::size_t i = 4 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) +
                             static_cast<std::size_t>(x));
  rgba_[i] = colour.red;
  rgba_[i + 1] = colour.green;
  rgba_[i + 2] = colour.blue;
  rgba_[i + 3] = colour.alpha;
}

void Canvas::rim(int x, int y) {
  for (int dy = -1; dy <= 1; ++dy)
    for (int dx = -1; dx <= 1; ++dx)
      if (x + dx >= 0 && y + dy >= 0 && x + dx < width_ && y + dy < height_ &&
          at(x + dx, y + dy).alpha < 255)
        set(x + dx, y + dy, kRim);
}

void Canvas::line(int x0, int y0, int x1, int y1, Colour colour) {
  each_line_pixel(x0, y0, x1, y1, [&](int x, int y) { rim(x, y); });
  each_line_pixel(x0, y0, x1, y1, [&](int x, int y) { set(x, y, colour); });
}

void Canvas::text(int x, int y, std::string_view letters, Colour colour, int scale) {
  each_letter_pixel(x, y, letters, scale, [&](int px, int py) { rim(px, py); });
  each_letter_pixel(x, y, letters, scale, [&](int px, int py) { set(px, py, colour); });
}

void Canvas::corners(int x0, int y0, int x1, int y1, Colour colour) {
  const int arm = std::clamp(std::min(x1 - x0, y1 - y0) / 3, 3, 14);
  for (const int x : {x0, x1})
    for (const int y : {y0, y1}) {
      line(x, y, x + (x == x0 ? arm : -arm), y, colour);
      line(x, y, x, y + (y == y0 ? arm : -arm), colour);
    }
}

int text_width(std::string_view letters, int scale) {
  return letters.empty() ? 0 : (static_cast<int>(letters.size()) * (kGlyphWidth + 1) - 1) * scale;
}

void draw_text(Grey& image, int x, int y, std::string_view letters, int scale) {
  each_letter_pixel(x, y, letters, scale, [&](int px, int py) {
    for (int dy = -1; dy <= 1; ++dy)
      for (int dx = -1; dx <= 1; ++dx)
        if (image.contains(px + dx, py + dy)) image.at(px + dx, py + dy) = 0;
  });
  each_letter_pixel(x, y, letters, scale, [&](int px, int py) {
    if (image.contains(px, py)) image.at(px, py) = 235;
  });
}

}  // namespace thorax::report
