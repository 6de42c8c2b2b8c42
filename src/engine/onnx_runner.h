// An ONNX file behind the engine's interface, computed by ONNX Runtime.
#pragma once

#include "engine/runner.h"

namespace thorax::engine {

/// The model's one function is called "main"; its inputs and outputs are the file's, with -1 for
/// every side that the file leaves open. Throws Error: no_engine (also for a file that ONNX Runtime
/// refuses, with its words), bad_option (precision), too_little_memory.
std::unique_ptr<Runner> load_onnx(const weights::Manifest& manifest,
                                  const std::filesystem::path& folder, const RunOptions& options);

/// The same for a file that is no model folder yet.
std::unique_ptr<Runner> load_onnx_file(const std::filesystem::path& file,
                                       const RunOptions& options);

}  // namespace thorax::engine
