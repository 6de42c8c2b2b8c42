// One answer a picture from a model that tells classes apart.
#pragma once

#include <nlohmann/json.hpp>

#include "pipeline/case_rows.h"

namespace thorax::pipeline {

struct PictureAnswer {
  Case picture;
  std::string prediction;     ///< label of the winning class, its index as text without labels
  double confidence = 0;      ///< its softmax probability
  std::vector<float> logits;  ///< one a class; empty with a failure
};

/// Answers in the order of the pictures. The chest gate only warns: what the model is for is its
/// user's to know. Throws Error: bad_option (`--model`) for a model that does not tell classes of
/// pictures apart, cancelled.
std::vector<PictureAnswer> infer_pictures(const std::vector<Input>& inputs,
                                          const LearnedModel& model, const Options& options,
                                          const Progress& progress = {});

/// {"filename", "mode", "prediction", "confidence"} in this order, the confidence as text with four
/// decimals.
nlohmann::ordered_json answer_json(const PictureAnswer& answer, const std::string& mode);

}  // namespace thorax::pipeline
