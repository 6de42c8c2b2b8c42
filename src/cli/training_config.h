// What `thorax train` and `thorax tune` are told.
#pragma once

#include "cli/program.h"
#include "learn/options.h"

namespace thorax::cli {

struct TrainingConfig {
  std::string file;
  std::vector<std::string> words;  ///< key=value
};

/// CONFIG, key=value … and --lang. `config` has to outlive the parser.
void add_training_config(CLI::App& command, Program& program, TrainingConfig& config);

/// The options and, as YAML, what they came from; `trial` behind file and words. Throws what
/// Settings throws.
std::pair<learn::Options, std::string> read_training_config(
    const TrainingConfig& config,
    const std::vector<std::pair<std::string, std::string>>& trial = {});

/// Messages in the language that --lang says.
void speak_as_told(Program& program);

}  // namespace thorax::cli
