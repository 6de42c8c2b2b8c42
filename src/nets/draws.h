// Random numbers of networks that learn, whose sequence is their trainer's to repeat.
#pragma once

#include <cstdint>

#include "nets/pch.h"

namespace thorax::nets {

/// From here on networks in this thread draw the sequence that belongs to `seed`, whatever other
/// threads do.
void seed_draws(std::uint64_t seed);

/// This thread's.
at::Generator& draws();

}  // namespace thorax::nets
