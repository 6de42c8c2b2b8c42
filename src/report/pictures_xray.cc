#include <algorithm>
#include <cmath>

#include "report/pictures.h"
#include "report/png.h"

namespace thorax::report {
namespace {

double grey_at(const volume::Image& image, int y, int x) {
  if (image.channels == 1) return static_cast<double>(image.at(y, x));
  // Rec. 601 luma.
  return 0.299 * static_cast<double>(image.at(y, x, 0)) +
         0.587 * static_cast<double>(image.at(y, x, 1)) +
         0.114 * static_cast<double>(image.at(y, x, 2));
}

/// Mean over blocks, so that fine lines do not alias.
std::vector<double> shrunk(const volume::Image& image, int height, int width) {
  std::vector<double> out;
  out.reserve(static_cast<std::size_t>(height) * static_cast<std::size_t>(width));
  const auto edge = [](int i, int count, int full) {
    return static_cast<int>(static_cast<long>(i) * full / count);
  };
  for (int row = 0; row < height; ++row)
    for (int column = 0; column < width; ++column) {
      double sum = 0;
      int n = 0;
      for (int y = edge(row, height, image.height); y < edge(row + 1, height, image.height); ++y)
        for (int x = edge(column, width, image.width); x < edge(column + 1, width, image.width);
             ++x, ++n)
          sum += grey_at(image, y, x);
      out.push_back(sum / n);
    }
  return out;
}

/// Value below which `share` of the values lie.
double quantile(std::vector<double> values, double share) {
  const auto rank = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + rank, values.end());
  return values[static_cast<std::size_t>(rank)];
}

constexpr const char* kHeatColour = "#ff9a1f";

/// Value of the layer under a point of the radiograph, linear between its pixels; 0 outside.
double heat_at(const HeatLayer& heat, double row, double column) {
  const double y = (row - heat.top) / heat.shown_height * heat.height - 0.5;
  const double x = (column - heat.left) / heat.shown_width * heat.width - 0.5;
  if (y < -0.5 || x < -0.5 || y > heat.height - 0.5 || x > heat.width - 0.5) return 0;
  const auto value = [&](double at_y, double at_x) {
    const auto r = static_cast<std::size_t>(std::clamp(at_y, 0.0, heat.height - 1.0));
    const auto c = static_cast<std::size_t>(std::clamp(at_x, 0.0, heat.width - 1.0));
    return heat.values[r * static_cast<std::size_t>(heat.width) + c];
  };
  const double y0 = std::floor(y), x0 = std::floor(x), down = y - y0, right = x - x0;
  return (1 - down) * ((1 - right) * value(y0, x0) + right * value(y0, x0 + 1)) +
         down * ((1 - right) * value(y0 + 1, x0) + right * value(y0 + 1, x0 + 1));
}

/// Bands of a fifth of the highest value, the lowest of them clear.
void draw_heat(const HeatLayer& heat, const volume::Image& image, Picture& picture) {
  constexpr int kBands = 5, kAlphaOfBand = 32;
  const double highest = heat.values.empty() ? 0 : *std::ranges::max_element(heat.values);
  if (highest < kFaintHeat) return;
  Canvas canvas(picture.width, picture.height);
  for (int y = 0; y < picture.height; ++y)
    for (int x = 0; x < picture.width; ++x) {
      const double value = heat_at(heat, (y + 0.5) * image.height / picture.height,
                                   (x + 0.5) * image.width / picture.width);
      const int band = std::min(kBands - 1, static_cast<int>(value / highest * kBands));
      if (band > 0)
        canvas.set(x, y, Colour::hex(kHeatColour, static_cast<std::uint8_t>(band * kAlphaOfBand)));
    }
  picture.overlay_png = encode_png(canvas);
  picture.legend = {{"▮",
                     kHeatColour,
                     {"speaks for pathology: without it the network is less sure",
                      "говорит в пользу патологии: без этого участка сеть менее уверена"}}};
}

}  // namespace

std::vector<Picture> draw_xray_pictures(const volume::Image& image, const std::string& view,
                                        const PictureOptions& options,
                                        const std::optional<HeatLayer>& heat) {
  if (image.height <= 0 || image.width <= 0) return {};
  const double scale =
      std::min(1.0, 2.0 * options.longest_side / std::max(image.height, image.width));
  Grey grey(std::max(1, static_cast<int>(image.width * scale)),
            std::max(1, static_cast<int>(image.height * scale)));
  const std::vector<double> values = shrunk(image, grey.height, grey.width);
  const double low = quantile(values, 0.005), high = quantile(values, 0.995);
  const volume::Window window{(low + high) / 2, std::max(high - low, 1e-6)};
  std::transform(values.begin(), values.end(), grey.pixels.begin(),
                 [&](double value) { return volume::apply_window(value, window); });
  Picture picture;
  picture.name = "xray";
  picture.role = PictureRole::xray;
  picture.plane = view;
  picture.group = 1;
  picture.width = grey.width;
  picture.height = grey.height;
  picture.caption = view.empty() ? Text{"Chest radiograph.", "Рентгенограмма грудной клетки."}
                                 : Text{"Chest radiograph, view " + view + ".",
                                        "Рентгенограмма грудной клетки, проекция " + view + "."};
  picture.png = encode_png(grey);
  if (heat) draw_heat(*heat, image, picture);
  return {picture};
}

}  // namespace thorax::report
