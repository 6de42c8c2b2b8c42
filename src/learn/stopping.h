// Which epoch is the best, and when there is no hope for a better one.
#pragma once

#include <string>
#include <vector>

#include "learn/trainer.h"

namespace thorax::learn {

/// What is watched, turned so that more is better; what is no number is worse than all.
double merit(const EpochRow& row, const std::string& watch);

/// Number of the best epoch. Among those that are equally good by what is watched it is the one
/// with the lowest loss: on few validation cases a barely trained network may rank them all right.
std::int64_t best_epoch(const std::vector<EpochRow>& rows, const std::string& watch);

/// Whether the last `patience` epochs brought nothing that was better by more than `min_delta`.
bool stops_early(const std::vector<EpochRow>& rows, const TrainingOptions& training);

}  // namespace thorax::learn
