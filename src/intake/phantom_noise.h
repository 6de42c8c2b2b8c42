// What the scanner adds to the truth: sharpness of the kernel and noise of its texture.
#pragma once

#include <span>

#include "intake/phantom.h"

namespace thorax::intake::phantom {

/// In-plane point spread of the kernel, in place: soft smooths, sharp enhances edges.
void apply_kernel(std::span<float> plane, int size, double pixel_mm, PhantomKernel kernel);

/// Adds normal noise of the given deviation whose texture is the kernel's (coarse or fine grain).
void add_noise(std::span<float> plane, int size, double pixel_mm, PhantomKernel kernel,
               double deviation_hu, std::uint64_t seed);

}  // namespace thorax::intake::phantom
