// A trained model's answers on labelled pictures of another source.
#pragma once

#include "intake/limits.h"
#include "pipeline/trained_model.h"

namespace thorax::pipeline {

/// Markdown for the run's evaluation: how good the answers are on the pictures of
/// training.data.external, which have the training's classes, by themselves and mixed: one source's
/// other classes against the last class of the other source. A network that tells sources apart
/// where it should tell diseases fails there. Empty without such pictures. Decoded pictures are
/// kept in FOLDER/external.safetensors. The model has to be calibrated. Throws what
/// training_pictures and a runner throw, and Error("bad_training_data"_code) for other classes.
std::string judge_external(const std::filesystem::path& folder, const std::filesystem::path& model,
                           const std::vector<Prediction>& predictions, const learn::PictureSet& set,
                           const std::vector<learn::Split>& splits, const learn::Options& training,
                           const intake::Limits& limits, const Progress& progress);

}  // namespace thorax::pipeline
