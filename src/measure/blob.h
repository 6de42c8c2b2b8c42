// Bright round spots at several sizes.
#pragma once

#include <vector>

#include "volume/volume.h"

namespace thorax::measure {

/// A place where the image looks like a bright ball.
struct Blob {
  volume::Vec3 position;  ///< mm, LPS
  double radius_mm = 0;   ///< of the ball that the responding scale fits best
  double response = 0;    ///< HU; about a quarter of the contrast for an ideal ball
};

/// Local maxima of the dot enhancement filter lambda_small^2 / |lambda_large| over the eigenvalues
/// of the Hessian of Gaussian, all three negative, times sigma^2 (Li, Sone and Doi, Selective
/// enhancement filters for nodules, vessels, and airway walls, Med Phys 30, 2003). Radii of 2 to
/// 24 mm; the larger ones are looked for on coarser grids. `field` should hold a flat background
/// outside the lungs; only maxima where `allowed` (same grid) is set count, at most `per_scale` a
/// scale. Of blobs that cover each other the strongest stays. Strongest first.
std::vector<Blob> find_blobs(const volume::CtVolume& field, const volume::Mask& allowed,
                             double min_response, std::size_t per_scale);

}  // namespace thorax::measure
