// A trained classifier's answers, centred: pictures as they are look less sick to a network than
// the changed ones that it learned from, so that its likeliest class leans to one side.
#pragma once

#include "pipeline/trained_model.h"

namespace thorax::pipeline {

/// Adds to the classifier's biases in `result`, and to the logits of all predictions, what makes
/// the mean probability of every class on validation, as it is, the share of that class;
/// `balanced`: as if the classes were equally frequent there. Returns what was added to each
/// class's logit; nothing for a network without such biases, which stays as it is.
std::vector<double> centre(learn::TrainResult& result, std::vector<Prediction>& predictions,
                           const learn::PictureSet& set, const std::vector<learn::Split>& splits,
                           bool balanced);

}  // namespace thorax::pipeline
