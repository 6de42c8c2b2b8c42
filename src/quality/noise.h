// Noise and sharpness, from small blocks of even tissue.
#pragma once

#include <optional>

#include "quality/lungs.h"

namespace thorax::quality {

struct NoiseReport {
  std::optional<double> soft_tissue_hu;  ///< standard deviation
  std::optional<double> air_hu;          ///< the same in the air around the body
  /// Distance in mm over which noise in soft tissue loses its likeness: short for sharp kernels.
  std::optional<double> correlation_mm;
  std::size_t blocks = 0;  ///< soft-tissue blocks that were used
};

/// Looks at square blocks of about 6 mm in up to 40 axial slices at the height of the lungs. Soft
/// tissue are blocks of -20 to 110 HU mean whose voxels all lie inside the body. The noise is the
/// most frequent standard deviation (middle of the shortest interval that holds 30 % of the
/// blocks), after the global noise level of Christianson et al., AJR 2015;205:W93. The correlation
/// length L fits exp(-(d / L)^2) to the correlation of neighbouring pixels at distance d, on the
/// blocks of that interval; lengths beyond 1.5 mm come out too short.
NoiseReport measure_noise(const intake::LoadedVolume& ct, const LungSurvey& lungs);

}  // namespace thorax::quality
