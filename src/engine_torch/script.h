// TorchScript modules: written from source, and behind the engine's interface.
#pragma once

#include "engine/runner.h"

namespace thorax::engine {

/// See TorchPlugin.
void save_script(const std::string& source, const weights::StateDict& tensors,
                 const std::filesystem::path& file);
std::unique_ptr<Runner> load_script(const std::filesystem::path& file, const FunctionInfo& function,
                                    const RunOptions& options);

}  // namespace thorax::engine
