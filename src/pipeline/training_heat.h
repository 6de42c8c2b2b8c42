// The heat maps of a network that was trained on pictures, checked on those kept back.
#pragma once

#include "pipeline/trained_model.h"

namespace thorax::pipeline {

/// Makes the occlusion maps of test pictures of the last class that the network calls so (at most
/// 100 of them, drawn by the seed; of networks above twelve million parameters fewer in proportion,
/// but five) and asks check_heat of each. Puts the outcome into the manifest
/// ("heat_map") and returns it as a section of evaluation.md; nothing without such pictures.
std::string check_heat_maps(const std::filesystem::path& model, const learn::PictureSet& set,
                            const std::vector<learn::Split>& splits,
                            const std::vector<Prediction>& predictions,
                            const learn::Options& training, const Progress& progress);

}  // namespace thorax::pipeline
