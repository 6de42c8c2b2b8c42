#include "measure/pericardium_rays.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>

#include "base/parallel.h"

namespace thorax::measure {
namespace {

using volume::Vec3;

constexpr double kPi = std::numbers::pi;
constexpr double kStep = 0.5;              // mm along a ray
constexpr double kFrom = 15, kTo = 130;    // mm from the centre
constexpr int kBefore = 8, kSamples = 80;  // of an aligned profile, in steps
constexpr double kWindow = 8 * kPi / 180;  // radians
constexpr double kBorderHu = -430;         // half-way from lung to water
constexpr double kWaterHu = 10, kWettestHu = 30;
constexpr double kLayerHu = -35, kFatHu = -45;  // a layer begins above one and ends below the other
constexpr double kWetMm = 0.5;                  // thinner layers are noise
constexpr double kThickMm = 9;                  // a layer that thick shows its own density
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

using Profile = std::vector<double>;

double linear(const volume::CtVolume& hu, Vec3 p) {
  const auto at = hu.grid().index(p);
  const auto& s = hu.shape();
  const auto clamp = [](double v, int n) { return std::clamp(v, 0.0, n - 1.001); };
  const double z = clamp(at[0], s.z), y = clamp(at[1], s.y), x = clamp(at[2], s.x);
  const int z0 = static_cast<int>(z), y0 = static_cast<int>(y), x0 = static_cast<int>(x);
  double sum = 0;
  for (int k = 0; k < 8; ++k) {
    const int dz = k >> 2, dy = (k >> 1) & 1, dx = k & 1;
    sum += (dz ? z - z0 : 1 - z + z0) * (dy ? y - y0 : 1 - y + y0) * (dx ? x - x0 : 1 - x + x0) *
           hu(std::min(z0 + dz, s.z - 1), std::min(y0 + dy, s.y - 1), std::min(x0 + dx, s.x - 1));
  }
  return sum;
}

bool is_lung(const volume::Labels& anatomy, Vec3 p) {
  const auto at = anatomy.grid().index(p);
  const int z = static_cast<int>(std::lround(at[0])), y = static_cast<int>(std::lround(at[1])),
            x = static_cast<int>(std::lround(at[2]));
  if (!anatomy.grid().contains(z, y, x)) return false;
  return anatomy(z, y, x) == kLeftLung || anatomy(z, y, x) == kRightLung;
}

struct Ray {
  double border = kNone;  // mm from the centre; kNone: no lung
  Profile inward;         // from kBefore steps before the border towards the centre
};

Ray shoot(const volume::CtVolume& hu, const volume::Labels& anatomy, Vec3 centre, Vec3 direction) {
  Ray ray;
  double before = 0;
  for (double r = kFrom; r < kTo; r += kStep) {
    const Vec3 p = centre + direction * r;
    const double value = linear(hu, p);
    if (value < kBorderHu && is_lung(anatomy, p)) {
      const double share = before > kBorderHu ? (before - kBorderHu) / (before - value) : 0;
      ray.border = r - kStep + share * kStep;
      break;
    }
    before = value;
  }
  if (std::isnan(ray.border)) return ray;
  for (int k = 0; k < kSamples; ++k)
    ray.inward.push_back(
        linear(hu, centre + direction * std::max(0.0, ray.border + (kBefore - k) * kStep)));
  return ray;
}

// Mean profile of the rays around a direction whose borders lie within 4 mm of their median; none
// where they are too few: a border that jumps is not the heart's.
std::optional<Profile> mean_profile(const std::vector<Ray>& rays, std::size_t i, double& border) {
  constexpr int kReach = 3;
  constexpr double kJumpMm = 4;
  const Vec3 centre = DirectionMap::directions()[i];
  const int row = static_cast<int>(i) / DirectionMap::kColumns;
  std::vector<const Ray*> around;
  std::vector<double> borders;
  std::size_t all = 0;
  for (int r = std::max(0, row - kReach); r <= std::min(DirectionMap::kRows - 1, row + kReach); ++r)
    for (int c = 0; c < DirectionMap::kColumns; ++c) {
      const auto j = static_cast<std::size_t>(r * DirectionMap::kColumns + c);
      if (dot(centre, DirectionMap::directions()[j]) < std::cos(kWindow)) continue;
      ++all;
      if (std::isnan(rays[j].border)) continue;
      around.push_back(&rays[j]);
      borders.push_back(rays[j].border);
    }
  if (borders.empty()) return std::nullopt;
  const auto middle = borders.begin() + static_cast<std::ptrdiff_t>(borders.size() / 2);
  std::nth_element(borders.begin(), middle, borders.end());
  border = *middle;
  Profile mean(kSamples);
  std::size_t n = 0;
  for (const Ray* ray : around) {
    if (std::abs(ray->border - border) > kJumpMm) continue;
    ++n;
    for (std::size_t k = 0; k < mean.size(); ++k) mean[k] += ray->inward[k];
  }
  if (n < 6 || 10 * n < 6 * all) return std::nullopt;
  for (double& v : mean) v /= static_cast<double>(n);
  return mean;
}

// Depth below the border, in mm, at which the profile passes `hu` between samples k - 1 and k.
double crossing(const Profile& profile, std::size_t k, double hu) {
  const double a = profile[k - 1], b = profile[k];
  return (static_cast<double>(k) - kBefore - 1 + (hu - a) / (b - a)) * kStep;
}

// Whether 3 mm between the samples are level within 8 HU.
bool is_level(const Profile& profile, std::size_t from, std::size_t to) {
  constexpr std::size_t kSteps = 6;
  constexpr double kRangeHu = 8, kWaterFrom = -10, kWaterTo = 22;
  for (std::size_t k = from; k + kSteps <= to; ++k) {
    const auto [low, high] =
        std::minmax_element(profile.begin() + static_cast<std::ptrdiff_t>(k),
                            profile.begin() + static_cast<std::ptrdiff_t>(k + kSteps + 1));
    if (*high - *low <= kRangeHu && *low > kWaterFrom && *high < kWaterTo) return true;
  }
  return false;
}

// Depth at which the layer behind the lung ends; 0 without a layer, kNone where nothing can be
// said.
double layer_depth(const Profile& profile) {
  constexpr std::size_t kBegin = kBefore + 7, kHeart = kBefore + 20;  // 3.5 and 10 mm
  std::size_t k = kBefore + 1;
  while (k <= kBegin && profile[k] < kLayerHu) ++k;
  if (k > kBegin) {
    // Fat that hides the sac is no answer; thin fat before the muscle is.
    const auto heart = profile.begin() + static_cast<std::ptrdiff_t>(kHeart);
    return *std::max_element(profile.begin() + kBefore, heart) > kWettestHu ? 0 : kNone;
  }
  const std::size_t first = k;
  for (; k < profile.size(); ++k) {
    if (profile[k] < kFatHu) {
      const double depth = crossing(profile, k, kFatHu);
      return depth < kThickMm || is_level(profile, first, k) ? depth : kNone;
    }
    if (profile[k] <= kWettestHu) continue;
    const std::size_t end = std::min(profile.size(), k + 12);
    const double muscle = *std::max_element(profile.begin() + static_cast<std::ptrdiff_t>(k),
                                            profile.begin() + static_cast<std::ptrdiff_t>(end));
    return is_level(profile, first, k)
               ? crossing(profile, k, std::min(kWettestHu, (kWaterHu + muscle) / 2))
               : 0;
  }
  return kNone;
}

// What is known around a direction, by distance on the sphere.
template <class Act>
void each_known(const DirectionMap& values, std::size_t i, double least_cosine, const Act& act) {
  const std::vector<Vec3>& directions = DirectionMap::directions();
  for (std::size_t j = 0; j < values.size(); ++j) {
    if (std::isnan(values[j])) continue;
    const double cosine = dot(directions[i], directions[j]);
    if (cosine >= least_cosine) act(cosine, j);
  }
}

// Medians of the known entries up to 10 degrees around known ones; alone ones are forgotten.
DirectionMap smoothed(const DirectionMap& values) {
  constexpr std::size_t kLeast = 12;
  const double least_cosine = std::cos(10 * kPi / 180);
  DirectionMap out(kNone);
  parallel_for(values.size(), 64, [&](std::size_t from, std::size_t to) {
    std::vector<double> around;
    for (std::size_t i = from; i < to; ++i) {
      if (std::isnan(values[i])) continue;
      around.clear();
      each_known(values, i, least_cosine,
                 [&](double, std::size_t j) { around.push_back(values[j]); });
      if (around.size() < kLeast) continue;
      const auto middle = around.begin() + static_cast<std::ptrdiff_t>(around.size() / 2);
      std::nth_element(around.begin(), middle, around.end());
      out[i] = *middle;
    }
  });
  return out;
}

// Gaussian means of the known entries in place of the unknown ones.
DirectionMap filled(const DirectionMap& values) {
  constexpr double kSigma = 12 * kPi / 180;
  DirectionMap out = values;
  parallel_for(values.size(), 64, [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
      if (!std::isnan(values[i])) continue;
      double sum = 0, weights = 0;
      each_known(values, i, -1, [&](double cosine, std::size_t j) {
        const double w = DirectionMap::weight(j) * std::exp((cosine - 1) / (kSigma * kSigma));
        sum += w * values[j];
        weights += w;
      });
      out[i] = weights > 0 ? sum / weights : 0;
    }
  });
  return out;
}

Vec3 centre_of(const volume::Mask& mask) {
  Vec3 sum;
  double n = 0;
  for (std::size_t i = 0; i < mask.size(); ++i)
    if (mask[i]) {
      sum = sum + mask.grid().position(mask.grid().at(i));
      ++n;
    }
  return sum * (1 / std::max(1.0, n));
}

}  // namespace

const std::vector<Vec3>& DirectionMap::directions() {
  static const std::vector<Vec3> kDirections = [] {
    std::vector<Vec3> all;
    for (int r = 0; r < kRows; ++r)
      for (int c = 0; c < kColumns; ++c) {
        const double elevation = ((r + 0.5) / kRows - 0.5) * kPi;
        const double azimuth = 2 * kPi * c / kColumns;
        all.push_back({std::cos(elevation) * std::cos(azimuth),
                       std::cos(elevation) * std::sin(azimuth), std::sin(elevation)});
      }
    return all;
  }();
  return kDirections;
}

double DirectionMap::weight(std::size_t i) {
  const Vec3& d = directions()[i];
  return std::hypot(d.x, d.y);
}

double DirectionMap::at(Vec3 v) const {
  const double elevation = std::atan2(v.z, std::hypot(v.x, v.y));
  const double azimuth = std::atan2(v.y, v.x);
  const double row = std::clamp((elevation / kPi + 0.5) * kRows - 0.5, 0.0, kRows - 1.001);
  const double column = (azimuth < 0 ? azimuth + 2 * kPi : azimuth) / (2 * kPi) * kColumns;
  const int r = static_cast<int>(row), c = static_cast<int>(column);
  const auto value = [&](int y, int x) {
    return values_[static_cast<std::size_t>(y * kColumns + x % kColumns)];
  };
  const double u = row - r, w = column - c;
  return (1 - u) * ((1 - w) * value(r, c) + w * value(r, c + 1)) +
         u * ((1 - w) * value(r + 1, c) + w * value(r + 1, c + 1));
}

PericardialLayer find_pericardial_layer(const volume::CtVolume& hu, const volume::Labels& anatomy,
                                        const HeartRegion& heart) {
  PericardialLayer layer;
  layer.centre = centre_of(heart.heart);
  std::vector<Ray> rays(layer.radius.size());
  DirectionMap border(kNone), depth(kNone);
  const auto each = [&](const auto& act) {
    parallel_for(rays.size(), 64, [&](std::size_t from, std::size_t to) {
      for (std::size_t i = from; i < to; ++i) act(i);
    });
  };
  each([&](std::size_t i) {
    rays[i] = shoot(hu, anatomy, layer.centre, DirectionMap::directions()[i]);
  });
  each([&](std::size_t i) {
    double at = 0;
    const auto profile = mean_profile(rays, i, at);
    if (!profile) return;
    depth[i] = layer_depth(*profile);
    if (std::isnan(depth[i])) return;
    depth[i] = std::max(0.0, depth[i] - PericardialLayer::kSheetsMm);
    // Fat may lie between the lung and a dry heart: that border says nothing of the sac.
    if (depth[i] > kWetMm) border[i] = at;
  });
  double judged = 0, wet = 0, all = 0;
  for (std::size_t i = 0; i < depth.size(); ++i) {
    const double weight = DirectionMap::weight(i);
    all += weight;
    if (!std::isnan(depth[i])) judged += weight;
    if (!std::isnan(border[i])) wet += weight;
  }
  layer.judged_share = judged / all;
  layer.wet_share = judged > 0 ? wet / judged : 0;
  layer.radius = filled(smoothed(border));
  layer.thickness = filled(smoothed(depth));
  return layer;
}

}  // namespace thorax::measure
