// How far densities of the lung can be trusted, in words.
#pragma once

#include "base/measurement.h"
#include "measure/ct.h"

namespace thorax::measure {

struct Trust {
  Reliability reliability = Reliability::good;
  Text caveat;
};

/// Of numbers that count voxels below a density: sharp kernels and noise widen the histogram, thick
/// slices narrow it (Boedeker et al., Emphysema: Effect of Reconstruction Algorithm on CT Imaging
/// Measures, Radiology 2004;232:295; Madani et al., Radiology 2007;243:250), contrast raises it.
Trust density_trust(const CtContext& context);

/// Whether a ConvolutionKernel is an edge-enhancing one, by the makers' naming.
bool is_sharp_kernel(const std::string& kernel);

}  // namespace thorax::measure
