#include "pipeline/models.h"

#include <algorithm>

#include "base/error.h"

namespace thorax::pipeline {

std::filesystem::path find_model_folder(const ModelOptions& options, const std::string& name) {
  return weights::find_model(weights::model_places(options.folder), name).folder;
}

std::uint64_t Models::working_bytes() const {
  return std::max({ct_networks.working_bytes(), ct_slabs.working_bytes(),
                   ct_segmentation.working_bytes(), ct_body_part.working_bytes(),
                   xray.working_bytes()});
}

Models load_models(const ModelOptions& options) {
  Models models;
  models.ct = findings::load_scorecard(find_model_folder(options, options.ct));
  models.ct_networks = CtNetworks::load(options, models.ct);
  models.ct_slabs = CtSlabs::load(options);
  models.ct_segmentation = CtSegmentation::load(options);
  models.ct_body_part = CtBodyPart::load(options);
  models.xray = XrayNetwork::choose(options);
  const std::string& named = options.ct_network;
  if (named != "auto" && named != "none" && models.ct_networks.empty() && models.ct_slabs.empty())
    throw Error("no_models"_code, {{"name", named}, {"places", options.folder}});
  return models;
}

}  // namespace thorax::pipeline
