#include "prepare/frame.h"

#include <algorithm>

namespace thorax::prepare {

Picture framed(const Picture& grey, const Frame& frame, int size) {
  const auto along = [size](double from, double length, int pixels) {
    std::vector<double> places;
    for (int i = 0; i < size; ++i)
      places.push_back(std::clamp((from + length * (i + 0.5) / size) * pixels - 0.5, 0.0,
                                  static_cast<double>(pixels - 1)));
    return places;
  };
  const std::vector<double> rows = along(frame.top, frame.height, grey.height),
                            columns = along(frame.left, frame.width, grey.width);
  Picture out{.height = size, .width = size, .channels = 1, .levels = {}};
  out.levels.reserve(static_cast<std::size_t>(size) * static_cast<std::size_t>(size));
  for (const double y : rows) {
    const auto above = static_cast<std::size_t>(y),
               below = std::min(above + 1, static_cast<std::size_t>(grey.height - 1));
    const double down = y - static_cast<double>(above);
    const std::uint8_t* upper = grey.levels.data() + above * grey.row();
    const std::uint8_t* lower = grey.levels.data() + below * grey.row();
    for (const double x : columns) {
      const auto left = static_cast<std::size_t>(x),
                 right = std::min(left + 1, static_cast<std::size_t>(grey.width - 1));
      const double across = x - static_cast<double>(left);
      const auto mixed = [&](const std::uint8_t* row) {
        return (1 - across) * row[left] + across * row[right];
      };
      out.levels.push_back(
          static_cast<std::uint8_t>((1 - down) * mixed(upper) + down * mixed(lower) + 0.5));
    }
  }
  return out;
}

}  // namespace thorax::prepare
