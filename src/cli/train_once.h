// One training as a person follows it in a terminal.
#pragma once

#include <filesystem>
#include <string>

#include "cli/interrupt.h"
#include "cli/program.h"
#include "learn/options.h"

namespace thorax::cli {

/// Trains, with a line for each epoch and one that says what is being done; `yaml` is what the
/// options came from. Returns the folder of the model, nothing of a process that is not the first
/// of several. Throws what pipeline::train throws.
std::filesystem::path train_once(Program& program, const Interrupt& interrupt,
                                 const learn::Options& training, const std::string& yaml);

}  // namespace thorax::cli
