// What a training run leaves: a model folder, and what the model says of the pictures kept back.
#pragma once

#include "base/progress.h"
#include "learn/trainer.h"

namespace thorax::pipeline {

/// The model folder: weights, model.json with labels, preprocessing, training data and self-test.
/// An older one there is replaced. Throws Error: cannot_write, self_test_failed.
void write_trained_model(const std::filesystem::path& folder, const learn::Options& training,
                         const learn::TrainRequest& request, const learn::TrainResult& result,
                         const nlohmann::json& run);

/// CSV: path, patient_id, split, shift, class, logit_CLASS … of every picture of the validation and
/// test splits, under each of learn::shifts(). Throws Error(Code::cannot_write) and what a runner
/// throws.
void write_predictions(const std::filesystem::path& path, const std::filesystem::path& model,
                       const learn::PictureSet& set, const std::vector<learn::Split>& splits,
                       const learn::Options& training, const Progress& progress);

}  // namespace thorax::pipeline
