// Checkpoints written by torch.save: the zip form (torch 1.6 and later) and the legacy form. No
// code of the file runs: of Python's classes only those that tensors and containers need are known,
// and anything else is refused by its name.
#pragma once

#include <filesystem>

#include "weights/pickle.h"

namespace thorax::weights {

/// A checkpoint as the tree of values it is. The tensors keep their memory alive by themselves.
PickleResult read_torch_file(const std::filesystem::path& path);

/// The same from memory that `owner` keeps alive; `name` is for errors.
PickleResult parse_torch_file(std::span<const std::byte> file, std::shared_ptr<const void> owner,
                              const std::string& name);

}  // namespace thorax::weights
