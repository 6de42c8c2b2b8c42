#include "measure/spine.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "measure/slice_path.h"
#include "measure/thirds.h"
#include "volume/resample.h"

namespace thorax::measure {
namespace {

using volume::CtVolume;
using volume::Grid;
using volume::Index;
using volume::Labels;
using volume::Vec3;

// Sums over boxes of one slice in constant time.
class BoxSums {
 public:
  template <class F>
  BoxSums(int height, int width, F&& value)
      : width_(width + 1), sums_(static_cast<std::size_t>((height + 1) * (width + 1))) {
    for (int y = 0; y < height; ++y) {
      double row = 0;
      for (int x = 0; x < width; ++x) {
        row += value(y, x);
        at(y + 1, x + 1) = at(y, x + 1) + row;
      }
    }
    height_ = height;
  }

  // Mean over the box that reaches `ry`, `rx` pixels from its centre, clipped to the slice.
  double mean(int y, int x, int ry, int rx) const {
    const int y0 = std::clamp(y - ry, 0, height_ - 1), y1 = std::clamp(y + ry + 1, y0 + 1, height_);
    const int x0 = std::clamp(x - rx, 0, width_ - 2),
              x1 = std::clamp(x + rx + 1, x0 + 1, width_ - 1);
    return (at(y1, x1) - at(y0, x1) - at(y1, x0) + at(y0, x0)) / ((y1 - y0) * (x1 - x0));
  }

 private:
  double& at(int y, int x) { return sums_[static_cast<std::size_t>(y * width_ + x)]; }
  double at(int y, int x) const { return sums_[static_cast<std::size_t>(y * width_ + x)]; }
  int height_ = 0, width_;
  std::vector<double> sums_;
};

constexpr double kPixel = 2, kStep = 3;            // mm, of the search grid
constexpr double kHalfBodyX = 11, kHalfBodyY = 8;  // mm, inner part of a thoracic vertebral body
constexpr double kCanalNear = 18, kCanalFar = 28;  // mm behind the body's centre
constexpr double kArchBehind = 13;                 // mm behind the canal's centre
constexpr int kBoneCap = 250;
constexpr double kMarrowLikeHu = 30;  // the canal's contents

int pixels(double mm) {
  return static_cast<int>(std::lround(mm / kPixel));
}

// How much each pixel of a slice looks like the centre of a vertebral body.
std::vector<float> body_scores(const CtVolume& coarse, int z) {
  const auto& shape = coarse.shape();
  const BoxSums bone(shape.y, shape.x, [&](int y, int x) {
    return static_cast<double>(std::clamp<int>(coarse(z, y, x), -200, kBoneCap));
  });
  const BoxSums strange(shape.y, shape.x, [&](int y, int x) {
    return std::abs(std::clamp<double>(coarse(z, y, x), -500, 400) - kMarrowLikeHu);
  });
  std::vector<float> scores(static_cast<std::size_t>(shape.y * shape.x));
  for (int y = 0; y < shape.y; ++y)
    for (int x = 0; x < shape.x; ++x) {
      const double body = bone.mean(y, x, pixels(kHalfBodyY), pixels(kHalfBodyX));
      double behind = -1e9;
      for (int d = pixels(kCanalNear); d <= pixels(kCanalFar); ++d)
        behind = std::max(behind, 0.3 * bone.mean(y + d + pixels(kArchBehind), x, 1, 4) -
                                      0.7 * strange.mean(y + d, x, 2, 2));
      scores[static_cast<std::size_t>(y * shape.x + x)] = static_cast<float>(body + behind);
    }
  return scores;
}

}  // namespace

SpinePath find_spine(const CtVolume& hu, const Labels& anatomy) {
  const LungSpans spans = lung_spans(anatomy);
  if (spans.left.empty() || spans.right.empty()) return {};
  const Grid& grid = hu.grid();
  // Medial and posterior borders of the lungs give the search window.
  Index low{grid.shape.z, grid.shape.y, grid.shape.x}, high{-1, -1, -1};
  double sum_left = 0, sum_right = 0;
  std::size_t n_left = 0, n_right = 0;
  for (int z = 0; z < grid.shape.z; ++z)
    for (int y = 0; y < grid.shape.y; ++y)
      for (int x = 0; x < grid.shape.x; ++x) {
        const std::uint8_t label = anatomy(z, y, x);
        if (label != kLeftLung && label != kRightLung) continue;
        low = {std::min(low.z, z), std::min(low.y, y), std::min(low.x, x)};
        high = {std::max(high.z, z), std::max(high.y, y), std::max(high.x, x)};
        (label == kLeftLung ? sum_left : sum_right) += x;
        ++(label == kLeftLung ? n_left : n_right);
      }
  const int middle = static_cast<int>(
      0.5 * (sum_left / static_cast<double>(n_left) + sum_right / static_cast<double>(n_right)));
  const auto vox = [](double mm, double spacing) { return static_cast<int>(mm / spacing) + 1; };
  low.x = std::max(0, middle - vox(40, grid.spacing.x));
  high.x = std::min(grid.shape.x, middle + vox(40, grid.spacing.x));
  low.y = (low.y + high.y) / 2;
  high.y = std::min(grid.shape.y, high.y + vox(45, grid.spacing.y));
  if (low.y >= high.y || low.x >= high.x) return {};

  const CtVolume window = volume::crop(hu, low, {high.z + 1, high.y, high.x});
  Grid search = volume::isotropic_grid(window.grid(), kPixel);
  const Grid tall = volume::isotropic_grid(window.grid(), kStep);
  search.shape.z = tall.shape.z;
  search.spacing.z = tall.spacing.z;
  search.origin.z = tall.origin.z;
  const CtVolume coarse = volume::shrink_mean(window, search);

  const auto& shape = search.shape;
  std::vector<std::vector<float>> scores(static_cast<std::size_t>(shape.z));
  parallel_for(scores.size(), 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t z = begin; z < end; ++z) scores[z] = body_scores(coarse, static_cast<int>(z));
  });

  constexpr float kPrice = 4;
  const SlicePath path = best_path(scores, shape.y, shape.x, kPrice);
  constexpr double kLeastScore = 40;  // a spine is bone on every slice
  if (path.mean_score < kLeastScore) return {};
  const auto centre = [&](std::size_t z) {
    return search.position(static_cast<int>(z), path.points[z].y, path.points[z].x);
  };

  SpinePath spine;
  spine.low_z = low.z;
  for (int z = low.z; z <= high.z; ++z) {
    const double height = grid.origin.z + z * grid.spacing.z;
    const double at = std::clamp((height - search.origin.z) / search.spacing.z, 0.0,
                                 static_cast<double>(shape.z - 1));
    const auto below = static_cast<std::size_t>(at);
    const std::size_t above = std::min(below + 1, path.points.size() - 1);
    const double f = at - static_cast<double>(below);
    const Vec3 p = centre(below) * (1 - f) + centre(above) * f;
    spine.centres.push_back({p.x, p.y, height});
  }
  return spine;
}

}  // namespace thorax::measure
