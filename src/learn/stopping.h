// Which epoch is the best, and when there is no hope for a better one.
#pragma once

#include <string>
#include <vector>

#include "learn/trainer.h"

namespace thorax::learn {

/// What is watched, turned so that more is better; what is no number is worse than all.
double merit(const EpochRow& row, const std::string& watch);

/// Number of the first of the best epochs.
std::int64_t best_epoch(const std::vector<EpochRow>& rows, const std::string& watch);

/// Whether the last `patience` epochs brought nothing that was better by more than `min_delta`.
bool stops_early(const std::vector<EpochRow>& rows, const TrainingOptions& training);

}  // namespace thorax::learn
