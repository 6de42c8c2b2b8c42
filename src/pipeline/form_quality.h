// What another form of a model, such as its export in fp16, costs in quality on real pictures.
#pragma once

#include <optional>

#include "pipeline/case_rows.h"
#include "pipeline/picture_labels.h"

namespace thorax::pipeline {

struct FormQuality {
  /// Of the pictures whose class is known: accuracy at the likeliest class, AUROC of the last one
  /// (not a number where all are, or none is, of that class).
  struct Scores {
    double accuracy = 0, auroc = 0;
  };

  std::size_t pictures = 0, unread = 0;
  double same = 0;               ///< share whose likeliest class is the same in both forms
  double mean = 0, largest = 0;  ///< differences between probabilities, over pictures and classes
  std::size_t labelled = 0;      ///< pictures of a class that the model knows
  std::optional<Scores> model, form;  ///< with labelled pictures
};

/// Both answer every picture; probabilities are calibrated as the model's manifest says. Throws
/// Error: bad_option for a model that does not tell classes of pictures apart or when no picture
/// could be read, cancelled.
FormQuality compare_forms(const LearnedModel& model, const LearnedModel& form,
                          const std::vector<Input>& inputs, const PictureLabels& labels,
                          const Options& options, const Progress& progress);

/// Puts it into the card and the manifest ("exported", "quality") of the form's folder. `source`:
/// what the pictures are called. Throws Error("cannot_write"_code).
void write_quality(const std::filesystem::path& folder, const FormQuality& quality,
                   const std::string& source);

}  // namespace thorax::pipeline
