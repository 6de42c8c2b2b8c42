// From a checkpoint file of any kind to the state dict a network loads.
#pragma once

#include <filesystem>

#include "weights/pickle.h"

namespace thorax::weights {

/// Reads .safetensors, .pt, .pth, .ckpt or .bin (by content, not by name) and returns its state
/// dict: of a nested checkpoint (Lightning, a trainer's own) the tensors under "state_dict",
/// "model_state_dict", "model" or "module"; a "module." prefix shared by all keys is taken off.
/// Weights in eight bits (weights/int8.h) become fp32. Everything else of a checkpoint (optimiser,
/// epoch, settings) is left out. Throws Error("bad_weights"_code) when there are no tensors.
StateDict read_checkpoint(const std::filesystem::path& path);

/// The same from memory that `owner` keeps alive; `name` is for errors.
StateDict parse_checkpoint(std::span<const std::byte> file, std::shared_ptr<const void> owner,
                           const std::string& name);

/// The state dict inside an unpickled value; `file` is for errors.
StateDict state_dict_of(PickleRef value, const std::string& file);

}  // namespace thorax::weights
