// Which engine runs a model folder.
#include "base/error.h"
#include "engine/onnx_runner.h"
#include "engine/remote_runner.h"
#include "engine/torch_plugin.h"

namespace thorax::engine {
namespace {

std::string chosen(const std::string& option, const weights::Manifest& manifest,
                   const std::string& key, const std::string& otherwise) {
  return option.empty() ? manifest.json.value(key, otherwise) : option;
}

}  // namespace

std::unique_ptr<Runner> load(const std::filesystem::path& folder, const RunOptions& options) {
  const weights::Manifest manifest = weights::load_manifest(folder);
  RunOptions resolved = options;
  resolved.engine =
      chosen(options.engine, manifest, "engine", manifest.network == "onnx" ? "onnx" : "torch");
  resolved.precision = chosen(options.precision, manifest, "precision", "fp32");
  if (resolved.engine == "torch") return torch_plugin().load(manifest, folder, resolved);
  if (resolved.engine == "onnx") return load_onnx(manifest, folder, resolved);
  if (resolved.engine == "triton") return connect(read_remote_model(folder / manifest.weights));
  throw Error("no_engine"_code, {{"engine", resolved.engine}, {"detail", "it is not known"}});
}

}  // namespace thorax::engine
