// What a model that was trained on pictures says of those kept back.
#pragma once

#include "base/progress.h"
#include "learn/trainer.h"
#include "pipeline/model_input.h"

namespace thorax::pipeline {

/// What the manifest of a network on radiographs says of its inputs.
nlohmann::json radiograph_use(const prepare::RadiographOptions& radiograph);

/// fp32 [B, 3, size, size] of these pictures as they are, prepared so.
weights::Tensor picture_inputs(const learn::PictureSet& set, std::span<const std::size_t> places,
                               const prepare::RadiographOptions& radiograph);

/// The output's row of each input of a batch [N, …]. Throws what a runner throws.
std::vector<std::vector<float>> rows_of(engine::Runner& runner, const ModelOutput& output,
                                        const weights::Tensor& inputs);

/// Under which of learn::shifts() pictures are looked at, and what its chance is drawn from.
struct Changed {
  std::size_t shift = 0;
  std::uint64_t seed = 0;
};

/// The output's row of each of these pictures. Throws what a runner throws.
std::vector<std::vector<float>> rows_of(engine::Runner& runner, const ModelOutput& output,
                                        const learn::PictureSet& set,
                                        std::span<const std::size_t> places,
                                        const prepare::RadiographOptions& radiograph,
                                        Changed changed = {});

/// The logits of a picture that was kept back, under one of learn::shifts().
struct Prediction {
  std::size_t picture = 0;  ///< place in the set
  std::size_t shift = 0;
  std::vector<float> logits;
};

/// Of every picture of the validation and test splits, under every shift (without run.evaluation
/// as it is only), as the model's folder answers. Throws what a runner throws.
std::vector<Prediction> predict(const std::filesystem::path& model, const learn::PictureSet& set,
                                const std::vector<learn::Split>& splits,
                                const learn::Options& training, const Progress& progress);

/// CSV: path, patient_id, split, shift, class, group where there are some, logit_CLASS …. Throws
/// Error("cannot_write"_code).
void write_predictions(const std::filesystem::path& path,
                       const std::vector<Prediction>& predictions, const learn::PictureSet& set,
                       const std::vector<learn::Split>& splits);

/// Puts into the manifest what the validation split, as it is, teaches: the temperature and the
/// scores of conformal prediction.
void calibrate(const std::filesystem::path& model, const std::vector<Prediction>& predictions,
               const learn::PictureSet& set, const std::vector<learn::Split>& splits);

}  // namespace thorax::pipeline
