// What a picture's bands of detail are brought to before a network sees them.
#pragma once

#include <cmath>
#include <cstdint>

namespace thorax::prepare {

/// The energies grow with the size of what a band holds, about as those of chest radiographs of
/// 160 to 224 pixels do; in values (level / 255 - 0.5) / 0.5. A network is free to scale them.
struct BandOptions {
  std::int64_t bands = 0;  ///< from the finest on, each of details twice as large as the one before
  double finest = 0.03;    ///< root mean square of the finest
  double growth = 1.35;    ///< from one to the next
  double most = 4.5;       ///< bound of what a band is multiplied by
  double margin = 0.12;    ///< share of each side where the energy is not measured

  double energy(std::int64_t band) const {
    return finest * std::pow(growth, static_cast<double>(band));
  }
  /// Of a side of so many pixels: how many are left out at each end.
  std::int64_t cut(std::int64_t side) const {
    return static_cast<std::int64_t>(margin * static_cast<double>(side));
  }
};

/// Larger details than this many bands hold are never touched.
constexpr std::int64_t kMostBands = 6;

}  // namespace thorax::prepare
