// What a run keeps of how its pictures were split.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "learn/picture_set.h"
#include "learn/split.h"

namespace thorax::pipeline {

/// splits.csv: path, patient_id, class, split.
std::string csv_of(const learn::PictureSet& set, const std::vector<learn::Split>& splits);

/// Pictures of each class of each split: {"train": {"NORMAL": 1081, …}, …}.
nlohmann::json counts_of(const learn::PictureSet& set, const std::vector<learn::Split>& splits);

}  // namespace thorax::pipeline
