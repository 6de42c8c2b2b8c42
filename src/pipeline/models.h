// Where the models are.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "findings/scorecard.h"
#include "pipeline/ct_body_part.h"
#include "pipeline/ct_networks.h"
#include "pipeline/ct_segmentation.h"
#include "pipeline/ct_slabs.h"
#include "pipeline/options.h"
#include "pipeline/xray_network.h"
#include "weights/store.h"

namespace thorax::pipeline {

/// The models a run uses, loaded once and shared by all its studies.
struct Models {
  findings::Scorecard ct;
  CtNetworks ct_networks;
  CtSlabs ct_slabs;
  CtSegmentation ct_segmentation;
  CtBodyPart ct_body_part;
  XrayNetwork xray;
  /// Held while networks of a study run. A network takes every core, and the memory of its working
  /// values: two beside each other would be no faster and take twice as much.
  std::shared_ptr<std::mutex> network_turn = std::make_shared<std::mutex>();

  /// What a network's working values take at most, in bytes, where its manifest says it. Not in it:
  /// the blended scores of a segmentation, whose size is the study's (engine::segment checks them).
  std::uint64_t working_bytes() const;
};

/// The folder of the model of that name, searched in options.folder, then where
/// weights::model_places looks. Throws Error("no_models"_code).
std::filesystem::path find_model_folder(const ModelOptions& options, const std::string& name);

/// Throws Error: no_models, or what load_scorecard throws.
Models load_models(const ModelOptions& options);

}  // namespace thorax::pipeline
