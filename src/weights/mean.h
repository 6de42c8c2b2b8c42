// The mean of several models' weights ("model soups": Wortsman et al., ICML 2022, uniform soup).
#pragma once

#include <filesystem>
#include <functional>
#include <span>

#include "weights/tensor.h"

namespace thorax::weights {

/// Each key's mean over these checkpoints, in fp32; whole numbers (counts of batches) are the
/// first file's. Keys of which `is_left_out` is true are not looked at: models of other classes may
/// differ there. One file's tensors are returned as they are. Throws Error: what read_checkpoint
/// throws, and keys_do_not_fit for a file whose keys or shapes are not those of the first.
StateDict mean_of(
    std::span<const std::filesystem::path> files,
    const std::function<bool(const std::string&)>& is_left_out = [](const auto&) { return false; });

}  // namespace thorax::weights
