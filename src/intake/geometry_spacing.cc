#include "intake/geometry_spacing.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace thorax::intake {
namespace {

std::vector<double> gaps_of(const std::vector<double>& positions) {
  std::vector<double> gaps;
  for (std::size_t i = 1; i < positions.size(); ++i)
    gaps.push_back(positions[i] - positions[i - 1]);
  return gaps;
}

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

bool is_multiple(double gap, double usual) {
  const double slices = gap / usual;
  return slices > 1 - kGapTolerance && std::abs(slices - std::round(slices)) <= kGapTolerance;
}

double share_of_multiples(const std::vector<double>& gaps, double usual) {
  const auto fitting =
      std::count_if(gaps.begin(), gaps.end(), [&](double gap) { return is_multiple(gap, usual); });
  return static_cast<double>(fitting) / static_cast<double>(gaps.size());
}

double usual_gap(const std::vector<double>& gaps, double median) {
  if (share_of_multiples(gaps, median) >= 0.9) return median;
  const double shortest = *std::min_element(gaps.begin(), gaps.end());
  // Anything is a multiple of a gap that is small enough: the shortest has to be a plausible slice.
  const bool plausible = shortest >= 0.2 && shortest >= 0.1 * median;
  return plausible && share_of_multiples(gaps, shortest) >= 0.9 ? shortest : median;
}

}  // namespace

SpacingReport analyse_spacing(const std::vector<double>& positions) {
  SpacingReport report;
  const std::vector<double> gaps = gaps_of(positions);
  report.median_mm = median_of(gaps);
  report.usual_mm = usual_gap(gaps, report.median_mm);
  const auto [low, high] = std::minmax_element(gaps.begin(), gaps.end());
  report.min_mm = *low;
  report.max_mm = *high;
  report.irregular_share = 1 - share_of_multiples(gaps, report.usual_mm);
  for (std::size_t i = 0; i < gaps.size(); ++i) {
    const int slices = static_cast<int>(std::lround(gaps[i] / report.usual_mm));
    for (int k = 1; k < slices; ++k) report.missing.push_back(positions[i] + gaps[i] * k / slices);
  }
  return report;
}

std::pair<std::size_t, std::size_t> without_strays(const std::vector<double>& positions) {
  std::size_t first = 0, last = positions.size();
  if (positions.size() < 5) return {first, last};
  const std::vector<double> gaps = gaps_of(positions);
  const double far = std::max(kStrayGapMm, 10 * median_of(gaps));
  const auto few = std::max<std::size_t>(
      2, static_cast<std::size_t>(kStrayShare * static_cast<double>(positions.size())));
  // Gap i lies between slices i and i + 1.
  for (std::size_t i = 0; i < std::min(few, gaps.size()); ++i)
    if (gaps[i] > far) first = i + 1;
  for (std::size_t i = 0; i < std::min(few, gaps.size()); ++i) {
    const std::size_t gap = gaps.size() - 1 - i;
    if (gap + 1 > first && gaps[gap] > far) last = gap + 1;
  }
  return {first, last};
}

}  // namespace thorax::intake
