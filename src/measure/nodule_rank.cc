#include "measure/nodule_rank.h"

#include <algorithm>
#include <cmath>

namespace thorax::measure {
namespace {

constexpr double kHalfSize = 6;        // mm
constexpr double kFullContrast = 800;  // HU, soft tissue in aerated lung
constexpr double kEnhanced = 130;      // HU, beyond unenhanced tissue
constexpr double kFatLow = -140, kFatHigh = -20, kFatSlices = 3;
constexpr double kResolved = 1.5;  // slices
constexpr double kLikeVessel = 0.7, kBeyondVessel = 1.5;

bool enhances_like_vessels(const NoduleFeatures& f) {
  return f.vessel_hu > kEnhanced && f.core_hu > std::max(kEnhanced, kLikeVessel * f.vessel_hu) &&
         f.core_hu < kBeyondVessel * f.vessel_hu;
}

bool is_fat(const NoduleFeatures& f) {
  // Small cores show fat-like densities by partial volume.
  return f.diameter_mm > kFatSlices * f.slice_mm && f.core_hu > kFatLow && f.core_hu < kFatHigh;
}

}  // namespace

double rank_score(const NoduleFeatures& f) {
  const double size = f.diameter_mm / (f.diameter_mm + kHalfSize);
  const double isolation = (1 - f.exit_share) * (1 - f.exit_share);
  const double wall = std::clamp(2 * (1 - f.wall_share), 0.0, 1.0);
  const double contrast = std::sqrt(std::clamp(f.contrast_hu / kFullContrast, 0.0, 1.0));
  const double enhancement = enhances_like_vessels(f) ? 0.3 : 1;
  const double fat = is_fat(f) ? 0.4 : 1;
  const double resolution = std::min(1.0, f.diameter_mm / (kResolved * f.slice_mm));
  const double position = 1 - 0.6 * std::exp(-f.hilum_distance * f.hilum_distance);
  return size * f.roundness * isolation * wall * contrast * enhancement * fat * resolution *
         position;
}

}  // namespace thorax::measure
