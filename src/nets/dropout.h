// Dropout whose draws are its caller's to repeat.
#pragma once

#include <cstdint>

#include "nets/pch.h"

namespace thorax::nets {

/// From here on dropout in this thread draws the sequence that belongs to `seed`, whatever other
/// threads do.
void seed_dropout(std::uint64_t seed);

/// While training, elements of x become 0 with the given probability and the others grow by
/// 1 / (1 - probability); else x itself.
at::Tensor dropout(const at::Tensor& x, double probability, bool training);

}  // namespace thorax::nets
