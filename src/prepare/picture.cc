#include "prepare/picture.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"
#include "prepare/area_resize.h"
#include "prepare/picture_resize.h"

namespace thorax::prepare {
namespace {

Picture centre_crop(const Picture& picture, int size) {
  // Half pixels go to the even side, as Python rounds.
  const auto start = [&](int length) {
    return static_cast<std::size_t>(std::nearbyint((length - size) / 2.0));
  };
  Picture part{.height = size, .width = size, .channels = picture.channels, .levels = {}};
  const std::size_t top = start(picture.height),
                    left = start(picture.width) * static_cast<std::size_t>(picture.channels);
  for (std::size_t y = 0; y < static_cast<std::size_t>(size); ++y) {
    const auto row =
        picture.levels.begin() + static_cast<std::ptrdiff_t>((top + y) * picture.row() + left);
    part.levels.insert(part.levels.end(), row, row + static_cast<std::ptrdiff_t>(part.row()));
  }
  return part;
}

}  // namespace

Picture to_picture(const volume::Image& image) {
  Picture picture{.height = image.height,
                  .width = image.width,
                  .channels = image.channels,
                  .levels = std::vector<std::uint8_t>(image.pixels.size())};
  std::transform(image.pixels.begin(), image.pixels.end(), picture.levels.begin(), [](float value) {
    return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0F, 255.0F)));
  });
  return picture;
}

Picture stretch_to_picture(const volume::Image& image) {
  const auto [low, high] = std::minmax_element(image.pixels.begin(), image.pixels.end());
  if (low == image.pixels.end() || *low == *high)
    throw Error("bad_network_input"_code, {{"network", "picture"},
                                           {"shape", "[" + std::to_string(image.height) + "," +
                                                         std::to_string(image.width) + "]"},
                                           {"detail", "all pixels are equal"}});
  Picture picture{.height = image.height,
                  .width = image.width,
                  .channels = image.channels,
                  .levels = std::vector<std::uint8_t>(image.pixels.size())};
  const double smallest = static_cast<double>(*low), range = static_cast<double>(*high) - smallest;
  std::transform(
      image.pixels.begin(), image.pixels.end(), picture.levels.begin(), [&](float value) {
        return static_cast<std::uint8_t>((static_cast<double>(value) - smallest) / range * 255);
      });
  return picture;
}

Picture to_rgb(const Picture& picture) {
  if (picture.channels == 3) return picture;
  Picture rgb{.height = picture.height, .width = picture.width, .channels = 3, .levels = {}};
  rgb.levels.reserve(picture.levels.size() * 3);
  for (const std::uint8_t level : picture.levels) rgb.levels.insert(rgb.levels.end(), 3, level);
  return rgb;
}

NetworkInput to_input(const Picture& rgb, const Normalisation& normalisation) {
  NetworkInput input = make_input({1, 3, rgb.height, rgb.width});
  const std::size_t pixels =
      static_cast<std::size_t>(rgb.height) * static_cast<std::size_t>(rgb.width);
  for (std::size_t c = 0; c < 3; ++c) {
    // fp32 from here on, as the originals compute.
    const auto mean = static_cast<float>(normalisation.mean[c]);
    const auto deviation = static_cast<float>(normalisation.deviation[c]);
    float* const plane = input.values.get() + c * pixels;
    for (std::size_t i = 0; i < pixels; ++i) {
      plane[i] = (static_cast<float>(rgb.levels[3 * i + c] / 255.0) - mean) / deviation;
    }
  }
  return input;
}

Picture equalised(const Picture& grey) {
  std::array<std::size_t, 256> histogram{};
  for (const std::uint8_t level : grey.levels) ++histogram[level];
  std::size_t level = 0;
  while (level < 255 && histogram[level] == 0) ++level;
  const std::size_t others = grey.levels.size() - histogram[level];
  if (others == 0) return grey;
  const float scale = 255.F / static_cast<float>(others);
  std::array<std::uint8_t, 256> table{};
  std::size_t below = 0;
  while (++level < 256) {
    below += histogram[level];
    table[level] = static_cast<std::uint8_t>(std::nearbyint(static_cast<float>(below) * scale));
  }
  Picture out = grey;
  for (std::uint8_t& value : out.levels) value = table[value];
  return out;
}

NetworkInput prepare_equalised(const Picture& grey, int size) {
  const Picture equal = equalised(grey);
  const auto area = static_cast<std::size_t>(size) * static_cast<std::size_t>(size);
  Picture resized{.height = size, .width = size, .channels = 1, .levels = {}};
  resized.levels.resize(area);
  AreaResize(grey.height, grey.width, size, size)(equal.levels, resized.levels);
  constexpr double kDeviation = 0.2865;
  return to_input(to_rgb(resized), {.deviation = {kDeviation, kDeviation, kDeviation}});
}

NetworkInput prepare_vit(const Picture& picture, int size) {
  return to_input(resize(to_rgb(picture), size, size, Filter::bilinear), {});
}

NetworkInput prepare_dinov2(const Picture& picture, int size) {
  const Picture rgb = to_rgb(picture);
  const bool upright = rgb.height > rgb.width;
  const int longer =
      static_cast<int>(static_cast<std::int64_t>(size) * std::max(rgb.height, rgb.width) /
                       std::min(rgb.height, rgb.width));
  const Picture resized = upright ? resize(rgb, longer, size, Filter::bicubic)
                                  : resize(rgb, size, longer, Filter::bicubic);
  return to_input(centre_crop(resized, size), kImageNet);
}

}  // namespace thorax::prepare
