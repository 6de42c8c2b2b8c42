// A trained model's answers on labelled pictures of another source.
#pragma once

#include <optional>

#include "intake/limits.h"
#include "pipeline/trained_model.h"

namespace thorax::pipeline {

/// The pictures of training.data.external, decoded and kept in FOLDER/external.safetensors; nothing
/// where none are named. To be called before the training, which a mistake here must not follow:
/// throws what training_pictures throws, and Error("bad_training_data"_code) for classes other than
/// `classes`.
std::optional<learn::PictureSet> external_pictures(const std::filesystem::path& folder,
                                                   const learn::Options& training,
                                                   const std::vector<std::string>& classes,
                                                   const intake::Limits& limits,
                                                   const Progress& progress);

/// Markdown for the run's evaluation: how good the answers are on these pictures by themselves and
/// mixed with the run's own: one source's other classes against the last class of the other source.
/// A network that tells sources apart where it should tell diseases fails there. Last its other
/// classes under each of learn::shifts(): what depends on how a clinic frames or brings out its
/// pictures differs there. The model has to be calibrated. Throws what a runner throws.
std::string judge_external(const learn::PictureSet& external, const std::filesystem::path& model,
                           const std::vector<Prediction>& predictions, const learn::PictureSet& set,
                           const std::vector<learn::Split>& splits, const learn::Options& training,
                           const Progress& progress);

}  // namespace thorax::pipeline
