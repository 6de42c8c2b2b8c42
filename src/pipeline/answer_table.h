// Answers of a model beside what is known of the pictures, as `thorax evaluate` reads them.
#pragma once

#include <filesystem>

#include "pipeline/infer.h"
#include "pipeline/picture_labels.h"

namespace thorax::pipeline {

struct AnswerCounts {
  std::size_t rows = 0;
  std::size_t unlisted = 0;  ///< read, and left out because the labels do not list them
  std::size_t unknown = 0;   ///< rows whose class is none of the model's; theirs stays empty
};

/// CSV: path, patient_id, class, logit_CLASS … as the network gives them, not calibrated. Pictures
/// that could not be read are left out. Throws Error: bad_option (`--table`) for a model without
/// labels, cannot_write.
AnswerCounts write_answers(const std::filesystem::path& path,
                           const std::vector<PictureAnswer>& answers,
                           const std::vector<std::string>& classes, const PictureLabels& labels);

}  // namespace thorax::pipeline
