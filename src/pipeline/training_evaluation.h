// What a trained model's answers on the pictures that were kept back add up to.
#pragma once

#include "pipeline/trained_model.h"

namespace thorax::pipeline {

/// Writes FOLDER/evaluation.md: accuracy, and AUROC, sensitivity, specificity of the last class,
/// and the calibration error, with 95 % intervals over patients, of the test split as it is and
/// under each shift (validation too); at the likeliest class and at the threshold that Youden's
/// index chooses on validation; the AUROC where a shift meets the last class or the others only,
/// and the worst of all; and the coverage of conformal sets. Puts the test split's numbers and the
/// threshold into the model's manifest. `more` is put at the end of the page. The model has to be
/// calibrated. Throws Error("cannot_write"_code).
void write_evaluation(const std::filesystem::path& folder, const std::filesystem::path& model,
                      const std::vector<Prediction>& predictions, const learn::PictureSet& set,
                      const std::vector<learn::Split>& splits, const std::string& more);

}  // namespace thorax::pipeline
