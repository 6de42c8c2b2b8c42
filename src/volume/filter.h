// Smoothing.
#pragma once

#include "volume/volume.h"

namespace thorax::volume {

/// Separable Gaussian, sigma in mm, kernel cut at 3 sigma, edges replicated. An axis whose spacing
/// exceeds 3 sigma is left as it is.
Volume<float> gaussian(const Volume<float>& source, double sigma_mm);
CtVolume gaussian(const CtVolume& source, double sigma_mm);

/// Median over the 3 x 3 in-plane neighbourhood, edges replicated.
CtVolume median_axial(const CtVolume& source);

}  // namespace thorax::volume
