// Training without labels: pictures are told apart from one another whatever is changed about them.
#pragma once

#include "pipeline/train.h"

namespace thorax::pipeline {

/// The recipe `views`: a network whose embeddings of two views of a picture point the same way, for
/// network.start of the recipe on pictures and for heads on embeddings. It learns from the training
/// split of data.source and from all of data.unlabelled. Leaves in the run's folder what the recipe
/// on pictures leaves there, without evaluation.md, and retrieval.csv. Throws Error: bad_option for
/// options of other recipes, and what train() throws.
TrainingRun train_views(const learn::Options& training, const std::string& yaml,
                        const Options& options, const EpochDone& epoch_done,
                        const Progress& progress);

}  // namespace thorax::pipeline
