// Models that a configuration names by configurations of their own: teachers, and what training
// starts from.
#pragma once

#include <filesystem>
#include <functional>

#include "learn/options.h"

namespace thorax::cli {

/// Trains with options whose YAML this is; returns the folder of the model.
using TrainOne =
    std::function<std::filesystem::path(const learn::Options&, const std::string& yaml)>;

/// Of training.teachers and network.start, those that are YAML files (beside the configuration
/// `file`, else as the path says) are trained first, each once in run.folder/teachers/NAME, from
/// the pupil's data and split, without its evaluation, and their models' folders stand there
/// afterwards. What is trained first may itself have such models, in folders beside its own: one
/// that several name is trained once. One that has been trained is not trained again. Throws Error:
/// bad_option for a configuration that comes before itself or for several processes, and what
/// read_training_config and `train_one` throw.
void train_teachers(const std::string& file, learn::Options& training, const TrainOne& train_one);

}  // namespace thorax::cli
