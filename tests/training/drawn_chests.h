// Chests of a few ellipsoids: drawn in a millisecond, and easy to learn from.
#pragma once

#include "learn/random.h"
#include "volume/volume.h"

namespace thorax::testing_support {

/// What fills most of one lung.
enum class DrawnOpacity { none, left, right };

struct DrawnChest {
  volume::CtVolume hu;
  volume::Labels outlines;  ///< 1: air in the lungs
};

/// 24 slices of 32 x 32, 12 mm apart, pixels of 10 mm; size, place of the opacity and noise are the
/// number's own.
inline DrawnChest draw_chest(int number, DrawnOpacity opacity) {
  const volume::Grid grid{.shape = {.z = 24, .y = 32, .x = 32},
                          .spacing = {.x = 10, .y = 10, .z = 12},
                          .origin = {.x = -155, .y = -155, .z = -138}};
  learn::Random random{7, static_cast<std::uint64_t>(number)};
  const double scale = random.uniform(0.9, 1.1);
  const double aside = random.uniform(-10, 10), back = random.uniform(-20, 20);
  const double up = random.uniform(-30, 30);
  DrawnChest chest{.hu = volume::CtVolume(grid), .outlines = volume::Labels(grid)};
  for (int z = 0; z < grid.shape.z; ++z)
    for (int y = 0; y < grid.shape.y; ++y)
      for (int x = 0; x < grid.shape.x; ++x) {
        const double left = (grid.origin.x + x * grid.spacing.x) / scale,
                     behind = (grid.origin.y + y * grid.spacing.y) / scale,
                     head = grid.origin.z + z * grid.spacing.z;
        const auto inside = [&](double at_left, double at_behind, double at_head, double wide,
                                double deep, double high) {
          const double a = (left - at_left) / wide, b = (behind - at_behind) / deep,
                       c = (head - at_head) / high;
          return a * a + b * b + c * c < 1;
        };
        double value = inside(0, 0, 0, 150, 105, 400) ? 40 : -1000;
        const bool lung =
            inside(75, 0, 0, 52, 75, 125 * scale) || inside(-75, 0, 0, 52, 75, 125 * scale);
        const double side = opacity == DrawnOpacity::left ? 1 : -1;
        if (lung && opacity != DrawnOpacity::none &&
            inside(side * 80 + aside, back, up, 60, 60, 150))
          value = 30;
        else if (lung) {
          value = -850;
          chest.outlines(z, y, x) = 1;
        }
        if (inside(15, -25, -50, 45, 42, 45)) {
          value = 40;
          chest.outlines(z, y, x) = 0;
        }
        chest.hu(z, y, x) = static_cast<std::int16_t>(value + 20 * random.bell());
      }
  return chest;
}

}  // namespace thorax::testing_support
