// CT slices as Body Part Regression wants them. Follows bpreg/preprocessing/nifti2npy.py of
// MIC-DKFZ/BodyPartRegression e6c686c.
#pragma once

#include "prepare/input.h"
#include "volume/volume.h"

namespace thorax::prepare {

struct BodyPartSliceOptions {
  int size = 128;                   ///< pixels a side
  double spacing = 3.5;             ///< mm
  double low = -1000, high = 1500;  ///< HU that become -1 and 1; values beyond are clipped
  int step = 1;                     ///< slices 0, step, 2 step … are taken
};

/// [slices, 1, left, back]: in the plane columns come before rows, so a slice is transposed. HU to
/// [-1, 1], a Gaussian (0.2 pixels of the result), bilinear to `spacing`, then the centre, or -1
/// around. Throws Error("bad_network_input"_code) when a slice is smaller than a pixel of the
/// result, and Error("bad_option"_code) for a step below 1.
NetworkInput prepare_body_part_slices(const volume::CtVolume& hu,
                                      const BodyPartSliceOptions& options = {});
NetworkInput prepare_body_part_slices(const volume::Volume<float>& hu,
                                      const BodyPartSliceOptions& options = {});

}  // namespace thorax::prepare
