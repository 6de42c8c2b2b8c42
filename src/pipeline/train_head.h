// A run that trains a head on frozen embeddings.
#pragma once

#include "pipeline/train.h"

namespace thorax::pipeline {

/// As train(), of data.embeddings and data.table. predictions.csv holds the logits of validation
/// and test, evaluation.html and evaluation.json what they add up to; the model's folder is a head
/// that `thorax analyze` runs on the embeddings of the model that made them, with a card. Throws
/// what read_head_data and learn::Trainer throw; bad_option.
TrainingRun train_head(const learn::Options& training, const std::string& yaml,
                       const EpochDone& epoch_done, const Progress& progress);

}  // namespace thorax::pipeline
