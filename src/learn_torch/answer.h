// What a network that learns or teaches says of a batch.
#pragma once

#include <string>

#include "nets/network.h"

namespace thorax::learn {

/// The first output of the network's first function on inputs [B, …], fp32. Grey pictures
/// [B, 1, H, W] are repeated for a network of colour ones; `precision` is that of its weights,
/// fp32 or bf16.
at::Tensor answer(const nets::Network& network, at::Tensor inputs, const std::string& precision);

}  // namespace thorax::learn
