// A training run: pictures, splits, the network, the model that comes out.
#pragma once

#include "learn/trainer.h"
#include "pipeline/options.h"

namespace thorax::pipeline {

struct TrainingRun {
  std::vector<learn::EpochRow> rows;
  std::int64_t kept_epoch = 0;
  std::filesystem::path model;  ///< folder of the model
};

/// Told of all epochs so far when one is done.
using EpochDone = std::function<void(const std::vector<learn::EpochRow>&)>;

/// Trains as the options say and leaves in run.folder: config.yaml (`yaml`), run.json (program,
/// data and their hashes, counts of the splits), splits.csv, metrics.csv (one line an epoch),
/// losses.svg, last.safetensors and best.safetensors (to go on from), the model's folder, and
/// predictions.csv: the logits of every picture of validation and test, as it is and under each of
/// learn::shifts(), and evaluation.md with what they add up to. With data.embeddings it trains a
/// head on them instead (train_head.h), with another data.recipe a network on CT (train_volumes.h).
/// Of processes that learn together (training.processes) each has a run.folder of its own, and
/// process 0's gets what is left; the others' `model` is empty.
/// Goes on where a run with the same settings and data was stopped. Throws what training_pictures
/// and learn::Trainer throw.
TrainingRun train(const learn::Options& training, const std::string& yaml, const Options& options,
                  const EpochDone& epoch_done, const Progress& progress);

}  // namespace thorax::pipeline
