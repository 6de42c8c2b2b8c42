// A training run on CT studies.
#pragma once

#include "pipeline/train.h"

namespace thorax::pipeline {

/// data.recipe says of what, from the studies of data.table:
/// - slabs: a network in two and a half dimensions on slabs of slices, one question (CtSlabs);
/// - volumes: a residual network on whole volumes (CtNetworks, CtSlabs' second opinion);
/// - segmentation: a SwinUNETR on crops of volumes with outlines (CtSegmentation);
/// - pairs: CT-CLIP on volumes with their reports (CtNetworks).
/// They are prepared as the named class prepares a study that it reads, and the run's folder gets
/// what train() leaves, the decoded studies among it (data.cache, else volumes/). Throws what
/// read_volumes and learn::Trainer throw.
TrainingRun train_volumes(const learn::Options& training, const std::string& yaml,
                          const Options& options, const EpochDone& epoch_done,
                          const Progress& progress);

}  // namespace thorax::pipeline
