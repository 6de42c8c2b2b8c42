// How the learning rate goes over a run.
#pragma once

#include <cstdint>

#include "learn/options.h"

namespace thorax::learn {

/// What the optimiser is told for one step.
struct Pace {
  double rate = 0;
  double beta1 = 0.9;  ///< of the first moment
};

/// Of step 0 … steps - 1, where an epoch has `epoch_steps`. The rise takes warm_up_steps, else
/// warm_up epochs.
/// - cosine: linear from 0, then half a cosine to 0 (Loshchilov and Hutter, SGDR, ICLR 2017, one
///   cycle); the first step already has a part of the rate.
/// - linear: linear from 0 at step 0, then linear to 0.
/// - one_cycle: by cosines from rate / 25 up and down to rate / 250 000, while beta1 goes from 0.95
///   to 0.85 and back (Smith and Topin, arXiv 1708.07120, in two phases as PyTorch's OneCycleLR).
/// - cyclic: triangles from base_rate to the rate, each next one half as high (Smith, "Cyclical
///   learning rates", WACV 2017, triangular2); 2000 steps up where none are given.
/// - constant: the rate, after a linear rise.
Pace pace_at(const TrainingOptions& training, std::int64_t step, std::int64_t steps,
             std::int64_t epoch_steps);

}  // namespace thorax::learn
