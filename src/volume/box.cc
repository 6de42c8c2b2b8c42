#include "volume/box.h"

#include <cmath>

namespace thorax::volume {

Box box_around(const Mask& mask, double margin_mm) {
  const Shape& s = mask.shape();
  Index low{s.z, s.y, s.x}, high{-1, -1, -1};
  for (int z = 0; z < s.z; ++z)
    for (int y = 0; y < s.y; ++y)
      for (int x = 0; x < s.x; ++x)
        if (mask(z, y, x)) {
          low = {std::min(low.z, z), std::min(low.y, y), std::min(low.x, x)};
          high = {std::max(high.z, z), std::max(high.y, y), std::max(high.x, x)};
        }
  if (high.z < 0) return {{0, 0, 0}, {s.z, s.y, s.x}};
  const Vec3& mm = mask.grid().spacing;
  const auto grow = [&](int& from, int& to, int n, double spacing) {
    const int margin = static_cast<int>(std::ceil(margin_mm / spacing));
    from = std::max(0, from - margin);
    to = std::min(n, to + 1 + margin);
  };
  grow(low.z, high.z, s.z, mm.z);
  grow(low.y, high.y, s.y, mm.y);
  grow(low.x, high.x, s.x, mm.x);
  return {low, high};
}

void paste(const Mask& part, Index low, Mask& whole) {
  const Shape& s = part.shape();
  for (int z = 0; z < s.z; ++z)
    for (int y = 0; y < s.y; ++y)
      std::copy_n(&part(z, y, 0), s.x, &whole(low.z + z, low.y + y, low.x));
}

}  // namespace thorax::volume
