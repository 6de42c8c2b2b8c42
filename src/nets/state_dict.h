// The state dict of a module: its parameters and buffers by the names that checkpoints know.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "nets/pch.h"

namespace thorax::nets {

/// Parameters and persistent buffers, keys as PyTorch's state_dict() gives them. Buffers a network
/// derives (masks, tables) must not be registered, so that this is what a checkpoint holds.
std::vector<std::pair<std::string, at::Tensor>> state_dict(const torch::nn::Module& module);

}  // namespace thorax::nets
