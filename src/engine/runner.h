// A loaded model: tensors in, tensors out. The one interface that every engine gives.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "weights/manifest.h"

namespace thorax::engine {

using weights::Tensor;

struct FunctionInfo {
  std::string name;
  std::vector<weights::TensorInfo> inputs, outputs;
};

struct Description {
  std::string engine;     ///< "torch", "onnx", "triton"
  std::string runtime;    ///< name and version of the library that computes
  std::string device;     ///< "cpu", "cuda:0"
  std::string precision;  ///< "fp32", "bf16"
  int threads = 1;
  std::uint64_t parameters = 0;
  std::uint64_t weight_bytes = 0;
  std::uint64_t item_bytes = 0;  ///< memory that one more item of a batch takes while it runs
  std::vector<FunctionInfo> functions;  ///< the first runs when none is named

  /// Throws Error("bad_tensors"_code) when the model has no function of that name.
  const FunctionInfo& function(const std::string& name) const;
};

struct RunOptions {
  std::string engine;     ///< empty: what the manifest says, else what fits the network
  std::string device;     ///< empty: cuda where there is one, else cpu
  std::string precision;  ///< empty: what the manifest says, else fp32
  int threads = 0;        ///< 0: one a core
};

class Runner {
 public:
  virtual ~Runner() = default;
  virtual const Description& describe() const = 0;

  /// Checks the inputs' number, types and shapes, and runs. The first side of every input is the
  /// batch. Throws Error: bad_tensors for inputs that do not fit, too_little_memory before a run
  /// that would take more memory than is free.
  std::vector<Tensor> run(const std::vector<Tensor>& inputs, const std::string& function = {});

 protected:
  virtual std::vector<Tensor> compute(const std::vector<Tensor>& inputs,
                                      const FunctionInfo& function) = 0;
};

/// Throws Error("too_little_memory"_code) when less than that can be taken; `what` wants it.
void require_memory(const std::string& what, std::uint64_t bytes);

/// Loads a model folder with the engine that the options or the manifest name. Throws Error:
/// bad_model, no_engine (with what to install), bad_weights, keys_do_not_fit, too_little_memory.
std::unique_ptr<Runner> load(const std::filesystem::path& folder, const RunOptions& options);

}  // namespace thorax::engine
