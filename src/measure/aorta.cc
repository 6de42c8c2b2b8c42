#include "measure/aorta.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "base/parallel.h"
#include "measure/slice_path.h"

namespace thorax::measure {
namespace {

using volume::Grid;
using volume::Mask;
using volume::Vec3;

constexpr std::size_t kDirections = 12;
constexpr double kInsideEdge = 2, kOutsideEdge = 3;  // mm from the outline
constexpr double kLeastStep = 60, kFullStep = 0.7, kFatHu = -100;
constexpr double kLeastHu = 0, kMostHu = 600;  // of blood
constexpr double kAscendingLength = 35;        // mm below the carina
constexpr double kArchHeight = 40;             // mm above the carina
constexpr double kArchBend = 12;               // mm, to the left around the trachea
constexpr double kArchRadius = 14;             // mm

// Where circles are looked for, relative to the spine's centre of the slice, mm.
struct Window {
  double x0, x1, y0, y1;
  double r0, r1;
};
constexpr Window kDescending{-6, 46, -50, 14, 9, 17};
constexpr Window kAscending{-45, 22, -100, -34, 12, 24};

class CircleFinder {
 public:
  CircleFinder(const HeartRegion& heart, const SpinePath& spine) : heart_(heart) {
    for (const Vec3& c : spine.centres) spine_.push_back(c);
  }

  // Circles on the slices [low, high] of the heart's grid.
  std::vector<AortaCircle> follow(const Window& window, int low, int high, double least) const {
    const Grid& grid = heart_.hu.grid();
    low = std::max(low, 0);
    high = std::min(high, grid.shape.z - 1);
    if (high - low < 4) return {};
    const int height = static_cast<int>((window.y1 - window.y0) / grid.spacing.y) + 1;
    const int width = static_cast<int>((window.x1 - window.x0) / grid.spacing.x) + 1;
    const auto slices = static_cast<std::size_t>(high - low + 1);
    std::vector<std::vector<float>> scores(slices);
    std::vector<std::vector<AortaCircle>> circles(slices);
    parallel_for(slices, 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        const int z = low + static_cast<int>(i);
        const Vec3 spine = spine_at(grid.position(z, 0, 0).z);
        for (int y = 0; y < height; ++y)
          for (int x = 0; x < width; ++x) {
            const Vec3 centre{spine.x + window.x0 + x * grid.spacing.x,
                              spine.y + window.y0 + y * grid.spacing.y, grid.position(z, 0, 0).z};
            AortaCircle best;
            float top = -200;
            for (double r = window.r0; r <= window.r1; r += 1) {
              AortaCircle c{centre, r, 0};
              const float s = score(c, z);
              if (s > top) {
                top = s;
                best = c;
              }
            }
            scores[i].push_back(top);
            circles[i].push_back(best);
          }
      }
    });
    const SlicePath path = best_path(scores, height, width, 2);
    if (path.mean_score < least) return {};
    std::vector<AortaCircle> out;
    for (std::size_t i = 0; i < slices; ++i) {
      const auto& p = path.points[i];
      const AortaCircle& c = circles[i][static_cast<std::size_t>(p.y * width + p.x)];
      if (c.radius_mm > 0) out.push_back(c);
    }
    return out;
  }

 private:
  Vec3 spine_at(double z) const {
    const auto nearest = std::min_element(spine_.begin(), spine_.end(), [&](Vec3 a, Vec3 b) {
      return std::abs(a.z - z) < std::abs(b.z - z);
    });
    return *nearest;
  }

  double sample(int z, double y_mm, double x_mm) const {
    const Grid& grid = heart_.hu.grid();
    const double y = (y_mm - grid.origin.y) / grid.spacing.y,
                 x = (x_mm - grid.origin.x) / grid.spacing.x;
    const int y0 = std::clamp(static_cast<int>(y), 0, grid.shape.y - 2),
              x0 = std::clamp(static_cast<int>(x), 0, grid.shape.x - 2);
    const double fy = std::clamp(y - y0, 0.0, 1.0), fx = std::clamp(x - x0, 0.0, 1.0);
    const auto& hu = heart_.hu;
    return (hu(z, y0, x0) * (1 - fx) + hu(z, y0, x0 + 1) * fx) * (1 - fy) +
           (hu(z, y0 + 1, x0) * (1 - fx) + hu(z, y0 + 1, x0 + 1) * fx) * fy;
  }

  // Mean step across the outline less the unevenness inside; fills in edge_percent.
  float score(AortaCircle& c, int z) const {
    const Grid& grid = heart_.hu.grid();
    const int cy = static_cast<int>(std::lround((c.centre.y - grid.origin.y) / grid.spacing.y)),
              cx = static_cast<int>(std::lround((c.centre.x - grid.origin.x) / grid.spacing.x));
    if (!grid.contains(z, cy, cx) || heart_.anatomy(z, cy, cx) != kNoAnatomy ||
        heart_.hu(z, cy, cx) < kLeastHu - 30)
      return -200;
    double sum = 0, square = 0, edge = 0;
    std::array<double, kDirections> steps{};
    std::size_t n = 0;
    for (std::size_t k = 0; k < kDirections; ++k) {
      const double angle = 2 * std::numbers::pi * static_cast<double>(k) / kDirections;
      const double dy = std::sin(angle), dx = std::cos(angle);
      for (const double part : {0.3, 0.6}) {
        const double v =
            sample(z, c.centre.y + part * c.radius_mm * dy, c.centre.x + part * c.radius_mm * dx);
        sum += v;
        square += v * v;
        ++n;
      }
      const double inner = c.radius_mm - kInsideEdge, outer = c.radius_mm + kOutsideEdge;
      const double in = sample(z, c.centre.y + inner * dy, c.centre.x + inner * dx),
                   out = sample(z, c.centre.y + outer * dy, c.centre.x + outer * dx);
      steps[k] = std::abs(out - in);
      sum += in;
      square += in * in;
      ++n;
    }
    const double mean = sum / static_cast<double>(n);
    if (mean < kLeastHu || mean > kMostHu) return -200;
    const double deviation =
        std::sqrt(std::max(0.0, square / static_cast<double>(n) - mean * mean));
    // Blood against fat is a full step: with contrast medium it is larger.
    const double full = std::max(kLeastStep, kFullStep * (mean - kFatHu));
    for (const double step : steps) edge += 100 * std::min(1.0, step / full);
    c.edge_percent = edge / kDirections;
    return static_cast<float>(c.edge_percent - std::min(deviation, 150.0));
  }

  const HeartRegion& heart_;
  std::vector<Vec3> spine_;
};

double distance_to_segment(Vec3 p, Vec3 a, Vec3 b) {
  const Vec3 axis = b - a;
  const double t = std::clamp(dot(p - a, axis) / std::max(1e-9, dot(axis, axis)), 0.0, 1.0);
  return norm(p - (a + axis * t));
}

}  // namespace

Aorta find_aorta(const HeartRegion& heart, const SpinePath& spine) {
  if (heart.empty() || spine.empty()) return {};
  constexpr double kLeastDescending = 20, kLeastAscending = 25;  // HU
  const CircleFinder finder(heart, spine);
  const double step = heart.hu.grid().spacing.z;
  Aorta aorta;
  aorta.descending = finder.follow(kDescending, 0, heart.carina_z, kLeastDescending);
  aorta.ascending =
      finder.follow(kAscending, heart.carina_z - static_cast<int>(kAscendingLength / step),
                    heart.carina_z, kLeastAscending);
  return aorta;
}

Mask aorta_mask(const Aorta& aorta, const HeartRegion& heart, double margin_mm, bool arch) {
  const Grid& grid = heart.hu.grid();
  Mask mask(grid);
  const auto paint = [&](int z, auto&& inside) {
    for (int y = 0; y < grid.shape.y; ++y)
      for (int x = 0; x < grid.shape.x; ++x)
        if (heart.anatomy(z, y, x) == kNoAnatomy && inside(grid.position(z, y, x)))
          mask(z, y, x) = 1;
  };
  for (const auto* part : {&aorta.descending, &aorta.ascending})
    for (const AortaCircle& c : *part) {
      const int z = static_cast<int>(std::lround((c.centre.z - grid.origin.z) / grid.spacing.z));
      paint(z, [&](Vec3 p) { return norm(p - c.centre) <= c.radius_mm + margin_mm; });
    }
  if (arch && !aorta.descending.empty() && !aorta.ascending.empty()) {
    const Vec3 from = aorta.ascending.back().centre;
    Vec3 to = aorta.descending.back().centre;
    to.z = from.z;
    const Vec3 bend = (from + to) * 0.5 + Vec3{kArchBend, 0, 0};
    const int top =
        std::min(grid.shape.z - 1, heart.carina_z + static_cast<int>(kArchHeight / grid.spacing.z));
    for (int z = heart.carina_z + 1; z <= top; ++z)
      paint(z, [&](Vec3 p) {
        const Vec3 flat{p.x, p.y, from.z};
        return std::min(distance_to_segment(flat, from, bend),
                        distance_to_segment(flat, bend, to)) <= kArchRadius + margin_mm;
      });
  }
  return mask;
}

}  // namespace thorax::measure
