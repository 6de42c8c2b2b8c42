#include "pipeline/installed.h"

#include "base/error.h"
#include "weights/store.h"

namespace thorax::pipeline {

std::vector<InstalledNetwork> installed_networks(const ModelOptions& options) {
  std::vector<InstalledNetwork> networks;
  for (const weights::FoundModel& model :
       weights::list_models(weights::model_places(options.folder))) {
    if (auto manifest = network_manifest(model))
      networks.push_back({std::move(*manifest), model.folder});
  }
  return networks;
}

std::optional<InstalledNetwork> choose_network(const ModelOptions& options,
                                               const std::string& setting,
                                               const std::string& task) {
  if (setting == "none") return {};
  for (InstalledNetwork& network : installed_networks(options)) {
    const bool named = network.folder.filename() == setting;
    if (named && network.manifest.task != task)
      throw Error("bad_model"_code, {{"path", (network.folder / "model.json").string()},
                                     {"detail", "task: " + network.manifest.task}});
    if (named || (setting == "auto" && network.manifest.task == task)) return std::move(network);
  }
  if (setting == "auto") return {};
  throw Error("no_models"_code, {{"name", setting}, {"places", options.folder}});
}

LearnedModel load_network(InstalledNetwork network, const ModelOptions& options) {
  return load_network(std::move(network.manifest), network.folder, run_options(options));
}

}  // namespace thorax::pipeline
