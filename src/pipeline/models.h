// Where the models are.
#pragma once

#include <filesystem>
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
};

/// The folder of the model of that name, searched in options.folder, then where
/// weights::model_places looks. Throws Error("no_models"_code).
std::filesystem::path find_model_folder(const ModelOptions& options, const std::string& name);

/// Throws Error: no_models, or what load_scorecard throws.
Models load_models(const ModelOptions& options);

}  // namespace thorax::pipeline
