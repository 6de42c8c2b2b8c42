// Mixed pictures: each with a share of another one, whose label counts for that share.
#pragma once

#include "learn/batches.h"
#include "learn/random.h"

namespace thorax::learn {

/// In [0, 1], from the beta distribution of (alpha, alpha).
double draw_share(double alpha, Random& random);

/// Mixes every input of a batch with labels with the one that is as far from the batch's end as it
/// is from the beginning, all by one share; processes that learn together mix what each holds
/// (Zhang et al., "mixup: Beyond empirical risk minimization", ICLR 2018).
void mix(Batch& batch, double alpha, Random random);

}  // namespace thorax::learn
