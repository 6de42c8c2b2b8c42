#include "engine/torch_plugin.h"

#include "engine/plugin_library.h"

namespace thorax::engine {

const TorchPlugin& torch_plugin() {
  static const TorchPlugin& plugin =
      load_plugin<TorchPlugin>("libthorax_torch.so", kTorchPluginSymbol);
  return plugin;
}

}  // namespace thorax::engine
