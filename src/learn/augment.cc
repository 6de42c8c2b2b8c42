#include "learn/augment.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace thorax::learn {
namespace {

void mirror(Grey& picture) {
  for (int y = 0; y < picture.size; ++y)
    for (int x = 0; x < picture.size / 2; ++x)
      std::swap(picture.at(y, x), picture.at(y, picture.size - 1 - x));
}

void move(Grey& picture, const AugmentOptions& options, Random& random) {
  const double angle = random.uniform(-options.rotate, options.rotate) * std::numbers::pi / 180;
  const double zoom = std::exp(random.uniform(-options.zoom, options.zoom));
  const double aspect = std::exp(random.uniform(-options.aspect, options.aspect));
  const double shear = random.uniform(-options.shear, options.shear);
  const double c = std::cos(angle), s = std::sin(angle);
  Warp by;
  by.yy = c * zoom * aspect;
  by.yx = -s * zoom + shear;
  by.xy = s * zoom;
  by.xx = c * zoom / aspect;
  by.shift_y = random.uniform(-options.shift, options.shift) * picture.size;
  by.shift_x = random.uniform(-options.shift, options.shift) * picture.size;
  warp(picture, by, random.chance(0.5));
}

/// Collimation, the edge of a film, a border of a screenshot: black, white or grey.
void add_frame(Grey& picture, const AugmentOptions& options, Random& random) {
  std::array<int, 4> sides{};
  for (int& side : sides)
    if (random.chance(0.6))
      side = static_cast<int>(random.uniform(0, options.border) * picture.size);
  const float level = random.chance(0.6) ? 0 : static_cast<float>(random.uniform());
  frame(picture, sides[0], sides[1], sides[2], sides[3], level);
}

/// A marker, a label, a device over the picture.
void hide(Grey& picture, const AugmentOptions& options, Random& random) {
  const auto side = [&] {
    return static_cast<int>(random.uniform(0.3, 1) * options.erase * picture.size);
  };
  const int height = side(), width = side();
  const auto free = [&](int length) {
    return static_cast<int>(random.below(static_cast<std::size_t>(picture.size - length) + 1));
  };
  const int top = free(height), left = free(width);
  const auto level = static_cast<float>(random.uniform());
  for (int y = top; y < top + height; ++y)
    for (int x = left; x < left + width; ++x) picture.at(y, x) = level;
}

/// Brightness that grows across the picture: the anode's heel, a lamp behind a film.
void shade(Grey& picture, const AugmentOptions& options, Random& random) {
  const double angle = random.uniform(0, 2 * std::numbers::pi),
               strength = random.uniform(0, options.shading) / picture.size;
  const double dy = std::sin(angle) * strength, dx = std::cos(angle) * strength;
  const double centre = (picture.size - 1) / 2.0;
  for (int y = 0; y < picture.size; ++y)
    for (int x = 0; x < picture.size; ++x) {
      const auto factor = static_cast<float>(1 + 2 * (dy * (y - centre) + dx * (x - centre)));
      picture.at(y, x) = std::clamp(picture.at(y, x) * factor, 0.0F, 1.0F);
    }
}

void change_tone(Grey& picture, const AugmentOptions& options, Random& random) {
  tone(picture, std::exp(random.uniform(-options.contrast, options.contrast)),
       random.uniform(-options.brightness, options.brightness),
       std::exp(random.uniform(-options.gamma, options.gamma)));
}

/// A curve of five pieces, as films and screens have them.
void bend_tone(Grey& picture, const AugmentOptions& options, Random& random) {
  std::array<double, 5> slopes{};
  for (double& slope : slopes) slope = std::exp(random.uniform(-options.curve, options.curve));
  bend(picture, slopes);
}

/// Structures from a fiftieth to a twelfth of the side: machines bring them out more or less.
void change_detail(Grey& picture, const AugmentOptions& options, Random& random) {
  const double sigma = random.uniform(0.02, 0.08) * picture.size;
  detail(picture, std::exp(random.uniform(-options.detail, options.detail)), sigma);
}

constexpr std::array<Shift, 16> kShifts{{
    {"none", [](Grey&, Random&) {}},
    {"contrast low", [](Grey& p, Random&) { tone(p, 0.6, 0, 1); }},
    {"contrast high", [](Grey& p, Random&) { tone(p, 1.5, 0, 1); }},
    {"local contrast low", [](Grey& p, Random&) { detail(p, 0.6, p.size / 32.0); }},
    {"local contrast high", [](Grey& p, Random&) { detail(p, 1.7, p.size / 32.0); }},
    {"gamma dark", [](Grey& p, Random&) { tone(p, 1, 0, 1.6); }},
    {"gamma bright", [](Grey& p, Random&) { tone(p, 1, 0, 0.6); }},
    {"blur", [](Grey& p, Random&) { blur(p, p.size / 160.0); }},
    {"low resolution", [](Grey& p, Random&) { rescale(p, 0.5, false); }},
    {"noise", [](Grey& p, Random& random) { add_noise(p, 0.04, false, random); }},
    {"border",
     [](Grey& p, Random&) {
       const int w = p.size / 16;
       frame(p, w, w, w, w, 0);
     }},
    {"marker", [](Grey& p, Random&) { mark(p, 0.2, 0.03, 0.1); }},
    {"crop", [](Grey& p, Random&) { crop(p, 0.08, 0.08); }},
    {"tall", [](Grey& p, Random&) { crop(p, 0.1, 0); }},
    {"wide", [](Grey& p, Random&) { crop(p, 0, 0.1); }},
    {"jpeg", [](Grey& p, Random&) { jpeg(p, 20); }},
}};

}  // namespace

Grey to_grey(std::span<const std::uint8_t> levels, int size) {
  Grey picture{.size = size, .values = std::vector<float>(levels.size())};
  std::ranges::transform(levels, picture.values.begin(),
                         [](std::uint8_t level) { return static_cast<float>(level) / 255; });
  return picture;
}

void augment(Grey& picture, const AugmentOptions& options, Random& random) {
  if (random.chance(options.flip)) mirror(picture);
  move(picture, options, random);
  const auto sometimes = [&] { return random.chance(options.probability); };
  if (sometimes()) shade(picture, options, random);
  change_tone(picture, options, random);
  if (options.curve > 0 && sometimes()) bend_tone(picture, options, random);
  if (options.equalise > 0 && sometimes()) equalise(picture, random.uniform(0, options.equalise));
  if (options.flatten > 0 && sometimes()) flatten(picture, random.uniform(0, options.flatten));
  if (options.detail > 0 && sometimes()) change_detail(picture, options, random);
  if (sometimes()) hide(picture, options, random);
  if (sometimes()) rescale(picture, random.uniform(options.downscale, 1), random.chance(0.5));
  if (sometimes())
    blur(picture, random.uniform(0, options.blur));
  else if (sometimes())
    sharpen(picture, random.uniform(0, options.sharpen));
  if (sometimes()) add_noise(picture, random.uniform(0, options.noise), random.chance(0.5), random);
  if (sometimes())
    jpeg(picture, options.jpeg + static_cast<int>(random.below(
                                     static_cast<std::size_t>(96 - std::min(options.jpeg, 95)))));
  if (sometimes()) add_frame(picture, options, random);
}

void finish(const Grey& picture, const prepare::RadiographOptions& options, std::span<float> out) {
  prepare::Picture levels{
      .height = picture.size, .width = picture.size, .channels = 1, .levels = {}};
  levels.levels.reserve(picture.values.size());
  for (const float value : picture.values)
    levels.levels.push_back(static_cast<std::uint8_t>(std::clamp(value, 0.0F, 1.0F) * 255 + 0.5F));
  const prepare::Picture standard =
      prepare::standardise(prepare::chest_of(levels, options), options);
  std::ranges::transform(standard.levels, out.begin(), [](std::uint8_t level) {
    return (static_cast<float>(level) / 255 - 0.5F) / 0.5F;
  });
}

std::span<const Shift> shifts() {
  return kShifts;
}

}  // namespace thorax::learn
