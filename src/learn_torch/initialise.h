// First values of a network that is trained from nothing.
#pragma once

#include "nets/pch.h"

namespace thorax::learn {

/// Convolutions: He et al., "Delving deep into rectifiers", ICCV 2015 (normal, fan out). Matrices:
/// Glorot and Bengio, AISTATS 2010 (normal). Norms and scales 1 and 0, biases 0, other parameters
/// (tokens, positions) normal with deviation 0.02. The same seed gives the same values.
void initialise(torch::nn::Module& module, std::uint64_t seed);

}  // namespace thorax::learn
