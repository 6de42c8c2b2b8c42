// A network of src/nets behind the engine's interface.
#pragma once

#include "engine/runner.h"
#include "nets/pch.h"

namespace thorax::engine {

/// "fp32" or "bf16"; throws Error("bad_option"_code).
at::ScalarType precision_of(const std::string& name);

/// Throws Error: unknown_network, bad_network_config, bad_weights, keys_do_not_fit, no_engine (a
/// device or precision that is not there), too_little_memory.
std::unique_ptr<Runner> load_torch(const weights::Manifest& manifest,
                                   const std::filesystem::path& folder, const RunOptions& options);

}  // namespace thorax::engine
