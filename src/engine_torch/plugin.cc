// The one entry of libthorax_torch.so.
#include <torch/version.h>

#include <algorithm>
#include <string_view>

#include "base/version.h"
#include "engine/torch_plugin.h"
#include "engine_torch/script.h"
#include "engine_torch/torch_runner.h"
#include "nets/load.h"
#include "nets/registry.h"

namespace thorax::engine {
namespace {

class Plugin final : public TorchPlugin {
 public:
  std::string runtime() const override { return "libtorch " TORCH_VERSION; }

  std::vector<std::string> networks() const override { return nets::network_ids(); }

  std::unique_ptr<Runner> load(const weights::Manifest& manifest,
                               const std::filesystem::path& folder,
                               const RunOptions& options) const override {
    return load_torch(manifest, folder, options);
  }

  RecognisedCheckpoint recognise(const weights::StateDict& checkpoint, const nlohmann::json& config,
                                 const std::string& precision,
                                 const std::string& file) const override {
    nets::Shapes shapes;
    for (const auto& [key, tensor] : checkpoint) shapes.emplace(key, tensor.shape);
    nets::Recognised found = nets::recognise(shapes, file);
    found.config.update(config);
    weights::StateDict own;
    for (const auto& [key, tensor] : checkpoint) {
      if (std::find(found.dropped.begin(), found.dropped.end(), key) != found.dropped.end())
        continue;
      const auto renamed = found.renamed.find(key);
      own.emplace(renamed == found.renamed.end() ? key : renamed->second, tensor);
    }
    nets::Network network = nets::make_network(found.network, found.config);
    nets::load_weights(network, own, precision_of(precision), file);
    return {found.network, found.config, found.task, nets::stored_weights(network),
            found.dropped, found.use};
  }

  void save_script(const std::string& source, const weights::StateDict& tensors,
                   const std::filesystem::path& file) const override {
    engine::save_script(source, tensors, file);
  }

  std::unique_ptr<Runner> load_script(const std::filesystem::path& file,
                                      const FunctionInfo& function,
                                      const RunOptions& options) const override {
    return engine::load_script(file, function, options);
  }
};

}  // namespace
}  // namespace thorax::engine

extern "C" __attribute__((visibility("default"))) const void* thorax_torch_plugin(
    const char* version) {
  static const thorax::engine::Plugin plugin;
  const thorax::engine::TorchPlugin* interface = &plugin;
  return std::string_view(version) == thorax::kVersion ? interface : nullptr;
}
