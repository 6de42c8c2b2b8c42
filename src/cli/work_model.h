// The part of the service's worker that takes in a model.
#pragma once

#include <string>
#include <vector>

#include "base/progress.h"
#include "cli/program.h"

namespace thorax::cli {

struct ModelWork {
  std::string file;  ///< a checkpoint, or a zip of one with its companions, or of a model folder
  std::string name;  ///< of the model
  std::string into;  ///< folder of model folders
  std::string licence;
  std::vector<std::string> labels;
};

/// Throws Error: what weights::unpack_model and engine::import_model throw; for a model folder
/// bad_option (name), model_exists, bad_model, model_altered, self_test_failed, cannot_write.
void take_model(const ModelWork& work, const Progress& progress);

}  // namespace thorax::cli
