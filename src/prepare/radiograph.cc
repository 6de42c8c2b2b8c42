#include "prepare/radiograph.h"

#include <algorithm>
#include <cmath>

#include "prepare/picture_resize.h"

namespace thorax::prepare {
namespace {

constexpr int kLevels = 256;

using Histogram = std::array<std::size_t, kLevels>;

/// The smallest level that at least `share` of the pixels do not exceed.
int quantile(const Histogram& histogram, std::size_t pixels, double share) {
  const double wanted = share * static_cast<double>(pixels);
  std::size_t below = 0;
  for (int level = 0; level < kLevels; ++level) {
    below += histogram[static_cast<std::size_t>(level)];
    if (static_cast<double>(below) >= wanted) return level;
  }
  return kLevels - 1;
}

}  // namespace

Picture standardise(const Picture& grey, const RadiographOptions& options) {
  Histogram histogram{};
  for (const std::uint8_t level : grey.levels) ++histogram[level];
  const auto at = [&](double share) { return quantile(histogram, grey.levels.size(), share); };
  const int low = at(options.low), high = at(options.high), middle = at(0.5);
  std::array<std::uint8_t, kLevels> table{};
  if (high > low) {
    const double range = high - low;
    // The median may coincide with an end of the range, whose power stays what it is.
    const double inside = std::clamp((middle - low) / range, 1.0 / kLevels, 1 - 1.0 / kLevels);
    const double power = std::clamp(std::log(options.median) / std::log(inside),
                                    1 / options.steepest, options.steepest);
    for (int level = 0; level < kLevels; ++level) {
      const double value = std::clamp((level - low) / range, 0.0, 1.0);
      table[static_cast<std::size_t>(level)] =
          static_cast<std::uint8_t>(std::lround(255 * std::pow(value, power)));
    }
  }
  Picture out = grey;
  for (std::uint8_t& level : out.levels) level = table[level];
  return out;
}

Picture to_grey(const Picture& picture) {
  if (picture.channels == 1) return picture;
  Picture grey{.height = picture.height, .width = picture.width, .channels = 1, .levels = {}};
  grey.levels.resize(picture.levels.size() / 3);
  for (std::size_t i = 0; i < grey.levels.size(); ++i) {
    const std::uint8_t* rgb = &picture.levels[3 * i];
    grey.levels[i] =
        static_cast<std::uint8_t>((299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2] + 500) / 1000);
  }
  return grey;
}

namespace {

Picture grey_square(const Picture& picture, int size) {
  return resize(to_grey(picture), size, size, Filter::bilinear);
}

}  // namespace

Picture chest_of(const Picture& grey, const RadiographOptions& options) {
  return options.atlas ? framed(grey, find_chest(grey, *options.atlas), grey.width) : grey;
}

NetworkInput prepare_radiograph(const Picture& picture, const RadiographOptions& options) {
  const Picture grey = grey_square(picture, options.size);
  return to_input(to_rgb(standardise(chest_of(grey, options), options)), Normalisation{});
}

Frame find_radiograph_chest(const Picture& picture, const RadiographOptions& options) {
  if (!options.atlas) return {};
  return find_chest(grey_square(picture, options.size), *options.atlas);
}

}  // namespace thorax::prepare
