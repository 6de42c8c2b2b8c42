#include "quality/body_part_scores.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace thorax::quality {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kKernelSigmas = 4;   // where the smoothing kernel is cut
constexpr double kNearBoundary = 10;  // scores

std::vector<std::size_t> valid_slices(const std::vector<double>& scores) {
  std::vector<std::size_t> valid;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (!std::isnan(scores[i])) valid.push_back(i);
  }
  return valid;
}

// Gaussian over the valid slices as if they were neighbours, mirrored at the ends.
void smooth(std::vector<double>& scores, double sigma) {
  const std::vector<std::size_t> valid = valid_slices(scores);
  const auto count = static_cast<std::ptrdiff_t>(valid.size());
  if (count == 0) return;
  const auto radius = static_cast<std::ptrdiff_t>(kKernelSigmas * sigma + 0.5);
  std::vector<double> kernel, source;
  for (std::ptrdiff_t k = -radius; k <= radius; ++k) {
    const double x = static_cast<double>(k) / sigma;
    kernel.push_back(std::exp(-0.5 * x * x));
  }
  double total = 0;
  for (const double weight : kernel) total += weight;
  for (const std::size_t i : valid) source.push_back(scores[i]);
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    double sum = 0;
    for (std::ptrdiff_t k = -radius; k <= radius; ++k) {
      std::ptrdiff_t at = (i + k) % (2 * count);
      if (at < 0) at += 2 * count;
      if (at >= count) at = 2 * count - 1 - at;
      sum += kernel[static_cast<std::size_t>(k + radius)] * source[static_cast<std::size_t>(at)];
    }
    scores[valid[static_cast<std::size_t>(i)]] = sum / total;
  }
}

// The slice whose score is nearest to a boundary of the scale, where one is near.
std::optional<std::size_t> nearest(const std::vector<double>& scores, double boundary) {
  std::optional<std::size_t> best;
  double distance = kNearBoundary;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (std::abs(scores[i] - boundary) < distance) {
      distance = std::abs(scores[i] - boundary);
      best = i;
    }
  }
  return best;
}

// Least squares through the valid slices.
void fit(BodyPartScores& scores) {
  const std::vector<std::size_t> valid = valid_slices(scores.cleaned);
  scores.slope = scores.offset = kNone;
  if (valid.size() < 2) return;
  const auto n = static_cast<double>(valid.size());
  double z = 0, s = 0, zz = 0, zs = 0;
  for (const std::size_t i : valid) {
    z += static_cast<double>(i) * scores.slice_mm / n;
    s += scores.cleaned[i] / n;
  }
  for (const std::size_t i : valid) {
    const double dz = static_cast<double>(i) * scores.slice_mm - z;
    zz += dz * dz;
    zs += dz * (scores.cleaned[i] - s);
  }
  scores.slope = zs / zz;
  scores.offset = s - scores.slope * z;
}

// Outside the scale (below the pelvis, above the eyes) the network was not trained: a tail there
// whose slope cannot be is no body.
void cut_tails(BodyPartScores& scores, const BodyPartReference& reference) {
  std::vector<double>& values = scores.cleaned;
  if (values.size() < 2) return;
  std::vector<std::size_t> jumps;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t from = std::min(i, values.size() - 2);
    const double slope = (values[from + 1] - values[from]) / scores.slice_mm;
    if (slope < reference.slope_low || slope > reference.slope_high) jumps.push_back(i);
  }
  fit(scores);
  auto left = nearest(values, 0), right = nearest(values, 100);
  if (scores.slope < 0) {
    std::swap(left, right);
  } else if (left && right && *left > *right) {
    left.reset();
  }
  std::optional<std::size_t> last_before, first_behind;
  for (const std::size_t i : jumps) {
    if (left && i < *left) last_before = i;
    if (right && i > *right && !first_behind) first_behind = i;
  }
  const auto at = [&](std::size_t i) { return values.begin() + static_cast<std::ptrdiff_t>(i); };
  if (last_before) std::fill(values.begin(), at(*last_before), kNone);
  if (first_behind) std::fill(at(*first_behind), values.end(), kNone);
}

}  // namespace

BodyPartScores body_part_scores(std::span<const double> raw, double slice_mm,
                                const BodyPartReference& reference) {
  const double span = reference.raw_at_100 - reference.raw_at_0;
  if (!(slice_mm > 0) || span == 0 || !(reference.slope_mean > 0)) {
    throw Error("bad_option"_code,
                {{"option", "body_part_reference"},
                 {"value", std::to_string(slice_mm)},
                 {"hint", "slice_mm > 0, raw_at_0 != raw_at_100, slope_mean > 0"}});
  }
  BodyPartScores scores;
  scores.slice_mm = slice_mm;
  for (const double value : raw) {
    const double transformed = 100 * (value - reference.raw_at_0) / span;
    scores.unprocessed.push_back(transformed);
    const bool empty = std::any_of(
        reference.background.begin(), reference.background.end(), [&](double background) {
          return std::abs(std::nearbyint(value * 100) - background * 100) < 1e-6;
        });
    scores.cleaned.push_back(empty ? kNone : transformed);
  }
  smooth(scores.cleaned, reference.smoothing_mm / slice_mm);
  cut_tails(scores, reference);
  fit(scores);
  scores.relative_slope = std::abs(scores.slope) / reference.slope_mean;
  if (!std::isnan(scores.slope)) {
    scores.spacing_fits = std::abs(1 - scores.relative_slope) <= reference.slope_tolerance;
  }
  scores.head_first = scores.slope < 0;
  scores.expected_slice_mm = scores.slope * slice_mm / reference.slope_mean;
  return scores;
}

}  // namespace thorax::quality
