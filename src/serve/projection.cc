#include "serve/projection.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace thorax::serve {
namespace {

// More directions than are wanted: those that are kept settle by the gap to the first that is not.
constexpr std::size_t kBlock = 6;
constexpr int kMostSteps = 60;
constexpr double kSettled = 1e-7;  // relative change of the variances

using Directions = std::vector<std::vector<double>>;
using Small = std::array<std::array<double, kBlock>, kBlock>;

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// Makes them orthonormal (modified Gram–Schmidt, twice); what depends on others becomes zero.
void orthonormalise(Directions& all) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    const double before = std::sqrt(dot(all[i], all[i]));
    for (int again = 0; again < 2; ++again)
      for (std::size_t j = 0; j < i; ++j) {
        const double along = dot(all[i], all[j]);
        for (std::size_t k = 0; k < all[i].size(); ++k) all[i][k] -= along * all[j][k];
      }
    const double norm = std::sqrt(dot(all[i], all[i]));
    const bool own = norm > 1e-12 * before && norm > 0;
    for (double& value : all[i]) value = own ? value / norm : 0;
  }
}

/// Eigenvectors of a small symmetric matrix by Jacobi's rotations (Golub & Van Loan, 8.5): column i
/// of the result belongs to the i-th largest of `values`.
Small eigenvectors(Small a, std::array<double, kBlock>& values) {
  Small v{};
  for (std::size_t i = 0; i < kBlock; ++i) v[i][i] = 1;
  for (int sweep = 0; sweep < 30; ++sweep)
    for (std::size_t p = 0; p < kBlock; ++p)
      for (std::size_t q = p + 1; q < kBlock; ++q) {
        if (a[p][q] == 0) continue;
        const double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        const double t = (theta < 0 ? -1 : 1) / (std::abs(theta) + std::sqrt(theta * theta + 1));
        const double c = 1 / std::sqrt(t * t + 1), s = t * c;
        for (std::size_t k = 0; k < kBlock; ++k) {
          const double kp = a[k][p], kq = a[k][q];
          a[k][p] = c * kp - s * kq;
          a[k][q] = s * kp + c * kq;
        }
        for (std::size_t k = 0; k < kBlock; ++k) {
          const double pk = a[p][k], qk = a[q][k], vp = v[k][p], vq = v[k][q];
          a[p][k] = c * pk - s * qk;
          a[q][k] = s * pk + c * qk;
          v[k][p] = c * vp - s * vq;
          v[k][q] = s * vp + c * vq;
        }
      }
  std::array<std::size_t, kBlock> order{};
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t i, std::size_t j) { return a[i][i] > a[j][j]; });
  Small sorted{};
  for (std::size_t i = 0; i < kBlock; ++i) {
    values[i] = a[order[i]][order[i]];
    for (std::size_t k = 0; k < kBlock; ++k) sorted[k][i] = v[k][order[i]];
  }
  return sorted;
}

class Plane {
 public:
  Plane(std::span<const float> rows, std::size_t width)
      : rows_(rows), width_(width), count_(rows.size() / width), good_(count_), mean_(width) {
    std::size_t counted = 0;
    for (std::size_t i = 0; i < count_; ++i) {
      const float* row = rows_.data() + i * width_;
      good_[i] = std::all_of(row, row + width_, [](float value) { return std::isfinite(value); });
      if (!good_[i]) continue;
      ++counted;
      for (std::size_t k = 0; k < width_; ++k) mean_[k] += double{row[k]};
    }
    for (double& value : mean_) value /= static_cast<double>(std::max<std::size_t>(1, counted));
  }

  Projection find() {
    start();
    std::array<double, kBlock> values{}, before{};
    for (int step = 0; step < kMostSteps; ++step) {
      iterate(values);
      const double change = std::abs(values[0] - before[0]) + std::abs(values[1] - before[1]);
      if (change <= kSettled * values[0]) break;
      before = values;
    }
    return seen(values);
  }

 private:
  /// Directions that no data is likely to be orthogonal to, always the same ones.
  void start() {
    directions_.assign(kBlock, std::vector<double>(width_));
    for (std::size_t i = 0; i < kBlock; ++i)
      for (std::size_t k = 0; k < width_; ++k)
        directions_[i][k] =
            std::sin(static_cast<double>((i + 1) * (k + 1)) + static_cast<double>(i));
    orthonormalise(directions_);
  }

  std::array<double, kBlock> coordinates(std::size_t i) const {
    std::array<double, kBlock> out{};
    const float* row = rows_.data() + i * width_;
    for (std::size_t d = 0; d < kBlock; ++d)
      for (std::size_t k = 0; k < width_; ++k)
        out[d] += (double{row[k]} - mean_[k]) * directions_[d][k];
    return out;
  }

  /// One step: turns the directions to the axes of the variance they see, then multiplies them with
  /// the covariance.
  void iterate(std::array<double, kBlock>& values) {
    Small seen{};
    Directions next(kBlock, std::vector<double>(width_));
    for (std::size_t i = 0; i < count_; ++i) {
      if (!good_[i]) continue;
      const std::array<double, kBlock> at = coordinates(i);
      const float* row = rows_.data() + i * width_;
      for (std::size_t d = 0; d < kBlock; ++d) {
        for (std::size_t e = 0; e < kBlock; ++e) seen[d][e] += at[d] * at[e];
        for (std::size_t k = 0; k < width_; ++k) next[d][k] += (double{row[k]} - mean_[k]) * at[d];
      }
    }
    const Small turn = eigenvectors(seen, values);
    for (std::size_t k = 0; k < width_; ++k) {
      std::array<double, kBlock> turned{};
      for (std::size_t d = 0; d < kBlock; ++d)
        for (std::size_t e = 0; e < kBlock; ++e) turned[d] += next[e][k] * turn[e][d];
      for (std::size_t d = 0; d < kBlock; ++d) next[d][k] = turned[d];
    }
    orthonormalise(next);
    directions_ = std::move(next);
  }

  double whole_variance() const {
    double sum = 0;
    for (std::size_t i = 0; i < count_; ++i) {
      if (!good_[i]) continue;
      for (std::size_t k = 0; k < width_; ++k) {
        const double off = double{rows_[i * width_ + k]} - mean_[k];
        sum += off * off;
      }
    }
    return sum;
  }

  Projection seen(const std::array<double, kBlock>& values) {
    for (std::vector<double>& direction : directions_) {
      const auto largest =
          std::max_element(direction.begin(), direction.end(),
                           [](double a, double b) { return std::abs(a) < std::abs(b); });
      if (*largest < 0)
        for (double& value : direction) value = -value;
    }
    Projection plane;
    plane.points.resize(count_);
    for (std::size_t i = 0; i < count_; ++i)
      if (good_[i]) {
        const std::array<double, kBlock> at = coordinates(i);
        plane.points[i] = {at[0], at[1]};
      }
    if (const double whole = whole_variance(); whole > 0)
      plane.explained = {std::clamp(values[0] / whole, 0.0, 1.0),
                         std::clamp(values[1] / whole, 0.0, 1.0)};
    return plane;
  }

  const std::span<const float> rows_;
  const std::size_t width_, count_;
  std::vector<char> good_;
  std::vector<double> mean_;
  Directions directions_;
};

}  // namespace

Projection principal_plane(std::span<const float> rows, std::size_t width) {
  if (width == 0 || rows.empty()) return {};
  return Plane(rows, width).find();
}

}  // namespace thorax::serve
