#include "cli/training_config.h"

#include <filesystem>

namespace thorax::cli {

namespace fs = std::filesystem;

void add_training_config(CLI::App& command, Program& program, TrainingConfig& config) {
  add_option(command, program, "config", config.file,
             {"Configuration file (YAML)", "Файл настроек (YAML)"}, "CONFIG")
      ->required();
  add_option(command, program, "settings", config.words,
             {"Settings that differ from it", "Отличия от него"}, "key=value");
  add_option(command, program, "--lang", program.language, {"Language", "Язык"}, "en|ru");
}

std::pair<learn::Options, std::string> read_training_config(
    const TrainingConfig& config, const std::vector<std::pair<std::string, std::string>>& trial) {
  learn::Options options;
  Settings settings;
  learn::add_settings(settings, options);
  settings.load_file(config.file);
  for (const std::string& word : config.words) settings.apply(word);
  for (const auto& [key, value] : trial) settings.set(key, value);
  // A table that ships beside the configuration is found from anywhere.
  const fs::path groups = options.data.groups,
                 beside = fs::path(config.file).parent_path() / groups;
  if (!groups.empty() && !fs::exists(groups) && fs::exists(beside))
    options.data.groups = beside.string();
  return {options, settings.to_yaml(Language::en)};
}

void speak_as_told(Program& program) {
  if (!program.language.empty()) program.settings.set("language", program.language);
}

}  // namespace thorax::cli
