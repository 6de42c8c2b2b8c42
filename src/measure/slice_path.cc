#include "measure/slice_path.h"

#include <algorithm>
#include <cstdint>

namespace thorax::measure {

SlicePath best_path(const std::vector<std::vector<float>>& scores, int height, int width,
                    float price) {
  if (scores.empty() || height <= 0 || width <= 0) return {};
  constexpr int kReach = 2, kSide = 2 * kReach + 1;
  const auto offset = [&](int y, int x) { return static_cast<std::size_t>(y * width + x); };
  std::vector<std::vector<std::uint8_t>> came(scores.size());
  std::vector<float> best = scores[0];
  for (std::size_t z = 1; z < scores.size(); ++z) {
    std::vector<float> next(best.size());
    came[z].resize(best.size());
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x) {
        float top = -1e30F;
        for (int dy = -kReach; dy <= kReach; ++dy)
          for (int dx = -kReach; dx <= kReach; ++dx) {
            if (y + dy < 0 || y + dy >= height || x + dx < 0 || x + dx >= width) continue;
            const float value =
                best[offset(y + dy, x + dx)] - price * static_cast<float>(dy * dy + dx * dx);
            if (value > top) {
              top = value;
              came[z][offset(y, x)] =
                  static_cast<std::uint8_t>((dy + kReach) * kSide + dx + kReach);
            }
          }
        next[offset(y, x)] = top + scores[z][offset(y, x)];
      }
    best = std::move(next);
  }
  const auto end = std::max_element(best.begin(), best.end());
  SlicePath path;
  path.mean_score = static_cast<double>(*end) / static_cast<double>(scores.size());
  path.points.resize(scores.size());
  PathPoint at{static_cast<int>(end - best.begin()) / width,
               static_cast<int>(end - best.begin()) % width};
  for (std::size_t z = scores.size(); z-- > 0;) {
    path.points[z] = at;
    if (z == 0) break;
    const int from = came[z][offset(at.y, at.x)];
    at = {at.y + from / kSide - kReach, at.x + from % kSide - kReach};
  }
  return path;
}

}  // namespace thorax::measure
