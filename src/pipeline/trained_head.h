// What a run on embeddings leaves: the head's folder, its answers, what they add up to, its card.
#pragma once

#include "evaluate/metrics.h"
#include "learn/trainer.h"
#include "pipeline/training_embeddings.h"
#include "weights/manifest.h"

namespace thorax::pipeline {

/// The model folder: weights (fp32), model.json with the model whose embeddings it takes, labels,
/// training data and self-test. An older one there is replaced. Throws Error: cannot_write,
/// self_test_failed.
void write_trained_head(const std::filesystem::path& folder, const learn::Options& training,
                        const learn::TrainRequest& request, const learn::TrainResult& result,
                        const HeadData& data, const nlohmann::json& run,
                        const nlohmann::json& own_words);

/// Lets the head answer validation and test; writes predictions.csv, evaluation.html and
/// evaluation.json (of test, or of validation where nothing was kept for the test) into the run's
/// folder; puts temperature (of two classes), thresholds by run.goal, chosen on validation, and the
/// numbers into the manifest, and writes CARD.md.
void evaluate_head(const std::filesystem::path& run_folder, const std::filesystem::path& model,
                   const learn::Options& training, const HeadData& data,
                   const std::vector<learn::Split>& splits);

/// CARD.md of a trained head: what it is, what it was trained on, how well it does, by which
/// command.
std::string head_card(const weights::Manifest& manifest, const learn::Options& training,
                      const evaluate::Metrics& metrics, const std::string& split);

}  // namespace thorax::pipeline
