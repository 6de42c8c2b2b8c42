#include "quality/xray_picture.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace thorax::quality {
namespace {

constexpr int kSide = kThumbSide;
constexpr float kBlack = 0.04F;

float at(const Thumb& thumb, int y, int x) {
  return thumb[static_cast<std::size_t>(y * kSide + x)];
}

/// Part of a picture, high ends excluded.
struct Box {
  int top = 0, bottom = 0, left = 0, right = 0;
};

/// The grey picture box-averaged to the thumb's size, in the picture's values.
Thumb shrink(const volume::Image& image, const Box& box) {
  Thumb thumb{};
  const int height = box.bottom - box.top, width = box.right - box.left;
  for (int y = 0; y < kSide; ++y) {
    const int y0 = box.top + y * height / kSide;
    const int y1 = std::max(y0 + 1, box.top + (y + 1) * height / kSide);
    for (int x = 0; x < kSide; ++x) {
      const int x0 = box.left + x * width / kSide;
      const int x1 = std::max(x0 + 1, box.left + (x + 1) * width / kSide);
      double sum = 0;
      for (int i = y0; i < y1; ++i)
        for (int j = x0; j < x1; ++j) sum += static_cast<double>(image.at(i, j));
      thumb[static_cast<std::size_t>(y * kSide + x)] =
          static_cast<float>(sum / ((y1 - y0) * (x1 - x0)));
    }
  }
  return thumb;
}

void normalise(Thumb& thumb) {
  Thumb sorted = thumb;
  std::sort(sorted.begin(), sorted.end());
  const float low = sorted[sorted.size() * 2 / 100], high = sorted[sorted.size() * 98 / 100];
  const float range = std::max(high - low, 1e-6F);
  for (float& v : thumb) v = std::clamp((v - low) / range, 0.0F, 1.0F);
}

double filled(const Thumb& thumb, bool row, int index) {
  int count = 0;
  for (int i = 0; i < kSide; ++i)
    count += (row ? at(thumb, index, i) : at(thumb, i, index)) > kBlack;
  return static_cast<double>(count) / kSide;
}

/// Rows and columns of the thumb inside a black frame; the whole thumb when there is none.
Box inside_frame(const Thumb& thumb) {
  constexpr double kEmpty = 0.03, kStraight = 0.5;
  Box box{0, kSide, 0, kSide};
  while (box.top < kSide / 2 && filled(thumb, true, box.top) <= kEmpty) ++box.top;
  while (box.bottom > kSide / 2 && filled(thumb, true, box.bottom - 1) <= kEmpty) --box.bottom;
  while (box.left < kSide / 2 && filled(thumb, false, box.left) <= kEmpty) ++box.left;
  while (box.right > kSide / 2 && filled(thumb, false, box.right - 1) <= kEmpty) --box.right;
  // The outermost lines may be blurred by averaging: the second ones have to be filled.
  const double height = box.bottom - box.top, width = box.right - box.left;
  const bool straight = filled(thumb, true, box.top + 1) * kSide > kStraight * width &&
                        filled(thumb, true, box.bottom - 2) * kSide > kStraight * width &&
                        filled(thumb, false, box.left + 1) * kSide > kStraight * height &&
                        filled(thumb, false, box.right - 2) * kSide > kStraight * height;
  return straight ? box : Box{0, kSide, 0, kSide};
}

double correlation(const std::vector<float>& a, const std::vector<float>& b) {
  const double n = static_cast<double>(a.size());
  double ma = 0, mb = 0, aa = 0, bb = 0, ab = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ma += static_cast<double>(a[i]) / n;
    mb += static_cast<double>(b[i]) / n;
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double da = static_cast<double>(a[i]) - ma, db = static_cast<double>(b[i]) - mb;
    aa += da * da;
    bb += db * db;
    ab += da * db;
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0;
}

/// A chest drawn with two ellipses, and how well the thumb fits it where it says something.
double fit_scheme(const Thumb& thumb, double centre_x, double offset_x, double centre_y,
                  double radius_y) {
  constexpr double kRadiusX = 0.12, kBand = 0.09, kHalfWidth = 0.40, kHalfAbdomen = 0.38;
  constexpr float kBody = 0.55F, kLung = 0.25F, kMediastinum = 0.85F, kAbdomen = 0.9F;
  std::vector<float> drawn, seen;
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x) {
      const double u = x / (kSide - 1.0) - centre_x, v = y / (kSide - 1.0);
      if (std::abs(u) >= kHalfWidth || v <= 0.08) continue;
      const double ex = (std::abs(u) - offset_x) / kRadiusX, ey = (v - centre_y) / radius_y;
      float value = ex * ex + ey * ey < 1 ? kLung : kBody;
      if (std::abs(u) < kBand) value = kMediastinum;
      if (v > centre_y + 0.95 * radius_y && std::abs(u) < kHalfAbdomen) value = kAbdomen;
      drawn.push_back(value);
      seen.push_back(at(thumb, y, x));
    }
  return correlation(drawn, seen);
}

double best_likeness(const Thumb& thumb) {
  double best = -1;
  for (const double centre_x : {0.44, 0.5, 0.56})
    for (const double offset_x : {0.19, 0.23})
      for (const double centre_y : {0.36, 0.44, 0.52})
        for (const double radius_y : {0.27, 0.34})
          best = std::max(best, fit_scheme(thumb, centre_x, offset_x, centre_y, radius_y));
  return best;
}

/// Mean of each column over the rows that lungs fill, smoothed over five columns.
std::array<double, kSide> column_profile(const Thumb& thumb) {
  constexpr int kTop = 14, kBottom = 40;
  std::array<double, kSide> raw{}, smooth{};
  for (int x = 0; x < kSide; ++x)
    for (int y = kTop; y < kBottom; ++y)
      raw[static_cast<std::size_t>(x)] += static_cast<double>(at(thumb, y, x)) / (kBottom - kTop);
  for (int x = 0; x < kSide; ++x)
    for (int d = -2; d <= 2; ++d)
      smooth[static_cast<std::size_t>(x)] +=
          raw[static_cast<std::size_t>(std::clamp(x + d, 0, kSide - 1))] / 5;
  return smooth;
}

double mirror_symmetry(const Thumb& thumb, int middle) {
  std::vector<float> left, right;
  for (int y = 8; y < 56; ++y)
    for (int d = 1; d <= 20; ++d) {
      left.push_back(at(thumb, y, middle - d));
      right.push_back(at(thumb, y, middle + d));
    }
  return correlation(left, right);
}

/// Weights of the chest pattern: rows from top to bottom, columns from the edge to the middle.
constexpr std::array<std::array<double, 4>, 8> kPattern{{{0.12, -0.94, -0.51, 0.17},
                                                         {-0.19, 0.32, -0.24, -0.10},
                                                         {-0.06, 0.28, -0.29, 0.17},
                                                         {-0.18, 0.26, -0.29, 0.33},
                                                         {-0.25, -0.16, -0.22, 0.05},
                                                         {-0.12, -0.05, 0.19, 0.33},
                                                         {-0.15, -0.40, 0.12, 0.46},
                                                         {-0.53, 1.00, 0.60, 0.30}}};

double pattern_match(const Thumb& thumb) {
  constexpr int kCell = kSide / 8;
  std::array<std::array<double, 4>, 8> means{};
  double mean = 0;
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x) {
      const int column = std::min(x, kSide - 1 - x) / kCell;
      const double value = static_cast<double>(at(thumb, y, x)) / (2 * kCell * kCell);
      means[static_cast<std::size_t>(y / kCell)][static_cast<std::size_t>(column)] += value;
      mean += value / 32;
    }
  double match = 0, length = 0;
  for (std::size_t i = 0; i < 8; ++i)
    for (std::size_t j = 0; j < 4; ++j) {
      const double value = means[i][j] - mean;
      match += value * kPattern[i][j];
      length += value * value;
    }
  return length > 0 ? match / std::sqrt(length) : 0;
}

double fine_detail(const Thumb& thumb) {
  double sum = 0;
  for (int y = 1; y < kSide - 1; ++y)
    for (int x = 1; x < kSide - 1; ++x) {
      float mean = 0;
      for (int i = y - 1; i <= y + 1; ++i)
        for (int j = x - 1; j <= x + 1; ++j) mean += at(thumb, i, j) / 9;
      sum += static_cast<double>(std::abs(at(thumb, y, x) - mean));
    }
  return sum / ((kSide - 2) * (kSide - 2));
}

}  // namespace

Thumb make_thumb(const volume::Image& image) {
  const Box all{0, image.height, 0, image.width};
  Thumb thumb = shrink(image, all);
  normalise(thumb);
  const Box inner = inside_frame(thumb);
  if (inner.top == 0 && inner.left == 0 && inner.bottom == kSide && inner.right == kSide)
    return thumb;
  const Box cropped{inner.top * image.height / kSide, inner.bottom * image.height / kSide,
                    inner.left * image.width / kSide, inner.right * image.width / kSide};
  thumb = shrink(image, cropped);
  normalise(thumb);
  return thumb;
}

Thumb negative(const Thumb& thumb) {
  Thumb out = thumb;
  for (float& v : out) v = 1 - v;
  return out;
}

Thumb upside_down(const Thumb& thumb) {
  Thumb out{};
  for (int y = 0; y < kSide; ++y)
    std::copy_n(thumb.begin() + (kSide - 1 - y) * kSide, kSide, out.begin() + y * kSide);
  return out;
}

Thumb quarter_turned(const Thumb& thumb) {
  Thumb out{};
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x)
      out[static_cast<std::size_t>(y * kSide + x)] = at(thumb, kSide - 1 - x, y);
  return out;
}

ChestSigns chest_signs(const Thumb& thumb) {
  ChestSigns signs;
  const auto profile = column_profile(thumb);
  const auto first = profile.begin();
  const int middle = static_cast<int>(std::max_element(first + 22, first + 43) - first);
  const double left = *std::min_element(first + std::max(2, middle - 22), first + middle - 6);
  const double right = *std::min_element(first + middle + 7, first + std::min(62, middle + 23));
  const double lungs = (left + right) / 2;
  signs.lung_contrast = profile[static_cast<std::size_t>(middle)] - lungs;
  double below = 0;
  for (int y = 52; y < 63; ++y)
    for (int x = 20; x < 44; ++x) below += static_cast<double>(at(thumb, y, x)) / (11 * 24);
  signs.abdomen_contrast = below - lungs;
  const auto black = std::count_if(thumb.begin(), thumb.end(), [](float v) { return v < kBlack; });
  signs.black_share = static_cast<double>(black) / static_cast<double>(thumb.size());
  signs.symmetry = mirror_symmetry(thumb, std::clamp(middle, 20, 42));
  signs.likeness = best_likeness(thumb);
  signs.detail = fine_detail(thumb);
  signs.pattern = pattern_match(thumb);
  return signs;
}

PictureRange picture_range(const volume::Image& image) {
  const auto channels = static_cast<std::size_t>(image.channels);
  const std::size_t pixels = image.pixels.size() / channels;
  std::vector<float> grey;
  grey.reserve(pixels);
  double spread = 0;
  for (std::size_t i = 0; i < pixels; ++i) {
    const float* p = image.pixels.data() + i * channels;
    grey.push_back(*p);
    const auto [low, high] = std::minmax_element(p, p + channels);
    spread += static_cast<double>(*high - *low);
  }
  const auto percentile = [&](std::size_t percent) {
    const auto nth = grey.begin() + static_cast<std::ptrdiff_t>(percent * (pixels - 1) / 100);
    std::nth_element(grey.begin(), nth, grey.end());
    return static_cast<double>(*nth);
  };
  PictureRange range;
  range.low = percentile(2);
  range.high = percentile(98);
  if (range.high > range.low)
    range.colour = spread / static_cast<double>(pixels) / (range.high - range.low);
  return range;
}

}  // namespace thorax::quality
