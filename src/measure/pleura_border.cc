#include "measure/pleura_border.h"

#include <algorithm>
#include <vector>

#include "measure/lungs_grow.h"

namespace thorax::measure {

int mean_around(const volume::CtVolume& hu, int z, int y, int x, int low, int high, int none) {
  constexpr double kThinSliceMm = 1.5;
  const volume::Shape& s = hu.shape();
  const int reach_z = hu.grid().spacing.z < kThinSliceMm ? 1 : 0;
  int sum = 0, n = 0;
  for (int k = std::max(0, z - reach_z); k <= std::min(s.z - 1, z + reach_z); ++k)
    for (int j = std::max(0, y - 1); j <= std::min(s.y - 1, y + 1); ++j)
      for (int i = std::max(0, x - 1); i <= std::min(s.x - 1, x + 1); ++i) {
        const int value = hu(k, j, i);
        if (value <= low || value >= high) continue;
        sum += value;
        ++n;
      }
  return n > 0 ? sum / n : none;
}

void add_half_covered(const volume::CtVolume& hu, const volume::Mask& allowed, int inside_hu,
                      bool darker, volume::Labels& labels) {
  volume::Labels grown = labels.clone();
  grow_labels(grown, allowed, 1);
  const volume::Shape& s = hu.shape();
  for (int z = 0; z < s.z; ++z)
    for (int y = 0; y < s.y; ++y)
      for (int x = 0; x < s.x; ++x) {
        const std::size_t at = hu.grid().offset(z, y, x);
        if (!grown[at] || labels[at]) continue;
        int beyond = inside_hu;
        for (int j = std::max(0, y - 1); j <= std::min(s.y - 1, y + 1); ++j)
          for (int i = std::max(0, x - 1); i <= std::min(s.x - 1, x + 1); ++i)
            beyond =
                darker ? std::min<int>(beyond, hu(z, j, i)) : std::max<int>(beyond, hu(z, j, i));
        const int half = (inside_hu + beyond) / 2;
        if (darker ? hu[at] <= half : hu[at] >= half) grown[at] = 0;
      }
  labels = std::move(grown);
}

}  // namespace thorax::measure
