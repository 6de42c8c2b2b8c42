// What the shared library libthorax_torch.so gives. The program itself does not link libtorch; this
// library is loaded when the first network is asked for.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/runner.h"

namespace thorax::engine {

/// What a checkpoint of an unknown kind turned out to be.
struct RecognisedCheckpoint {
  std::string network;
  nlohmann::json config;
  std::string task;
  weights::StateDict weights;        ///< under the network's own keys, in the wanted precision
  std::vector<std::string> dropped;  ///< keys that belong to other parts and are left out
  nlohmann::json
      use;  ///< entries of the manifest: how the network is fed, its answers put together
};

class TorchPlugin {
 public:
  virtual ~TorchPlugin() = default;

  /// Name and version of libtorch, e.g. "libtorch 1.13.1".
  virtual std::string runtime() const = 0;
  /// Ids of the networks that can be built.
  virtual std::vector<std::string> networks() const = 0;
  virtual std::unique_ptr<Runner> load(const weights::Manifest& manifest,
                                       const std::filesystem::path& folder,
                                       const RunOptions& options) const = 0;
  /// Finds the network by its keys and checks that all of them fit. `config` holds what its shapes
  /// do not tell, and goes before what was found. Throws Error: unknown_checkpoint,
  /// bad_network_config, keys_do_not_fit.
  virtual RecognisedCheckpoint recognise(const weights::StateDict& checkpoint,
                                         const nlohmann::json& config, const std::string& precision,
                                         const std::string& file) const = 0;
  /// Compiles TorchScript (`def forward(self, …)`, its attributes in `tensors`) and saves the
  /// module as a file that torch.jit.load opens. Throws Error: internal (source that does not
  /// compile), cannot_write.
  virtual void save_script(const std::string& source, const weights::StateDict& tensors,
                           const std::filesystem::path& file) const = 0;
  /// A module of such a file, on the processor; `function` says what it takes and gives. Throws
  /// Error("bad_weights"_code).
  virtual std::unique_ptr<Runner> load_script(const std::filesystem::path& file,
                                              const FunctionInfo& function,
                                              const RunOptions& options) const = 0;
};

/// Loads the library on the first call: beside the program, else in ../lib/thorax. Throws
/// Error("no_engine"_code) when it is absent or was built for another version of Thorax.
const TorchPlugin& torch_plugin();

/// The library's one symbol: `const void* thorax_torch_plugin(const char* version)`; null
/// when the versions differ.
inline constexpr const char* kTorchPluginSymbol = "thorax_torch_plugin";

}  // namespace thorax::engine
