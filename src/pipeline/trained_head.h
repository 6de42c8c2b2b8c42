// What the recipes on labelled studies have in common: options, answers to the studies that were
// kept back, what they add up to, the card.
#pragma once

#include "evaluate/metrics.h"
#include "learn/embeddings.h"
#include "learn/trainer.h"
#include "weights/manifest.h"

namespace thorax::pipeline {

/// Logits [places, classes] of cases of a set.
using CaseAnswers = std::function<std::vector<float>(const std::vector<std::size_t>& places)>;

/// Asks for the answers to validation and test; writes predictions.csv, evaluation.html and
/// evaluation.json (of test, or of validation where nothing was kept for the test) into the run's
/// folder; puts temperature (of two classes), thresholds by run.goal, chosen on validation, and the
/// numbers into the manifest, and writes CARD.md.
void evaluate_cases(const std::filesystem::path& run_folder, const std::filesystem::path& model,
                    const learn::Options& training, const learn::LabelledCases& set,
                    const std::vector<learn::Split>& splits, const CaseAnswers& answers);

/// A head's logits of the rows of a set.
CaseAnswers head_answers(const std::filesystem::path& model, const learn::EmbeddingSet& set,
                         int threads);

/// "split" -> studies, and positive ones of each class; for run.json and the card.
nlohmann::json counts_of(const learn::LabelledCases& set, const std::vector<learn::Split>& splits);

/// splits.csv: study_id, patient_id, split and a column of 0 and 1 a class.
std::string csv_of(const learn::LabelledCases& set, const std::vector<learn::Split>& splits);

/// Options that would only fail after the work: a loss for another kind of classes, a goal that is
/// none. Throws Error(bad_option).
void check_case_options(const learn::Options& training, bool exclusive);

/// training.positive_weight, one a class. Throws Error(bad_option).
std::vector<double> positive_weight(const std::string& text, const learn::LabelledCases& set,
                                    const std::vector<learn::Split>& splits);

/// CARD.md of a trained head or network: what it is, what it was trained on, how well it does, by
/// which command.
std::string head_card(const weights::Manifest& manifest, const learn::Options& training,
                      const evaluate::Metrics& metrics, const std::string& split);

}  // namespace thorax::pipeline
