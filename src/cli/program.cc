#include "cli/program.h"

#include <cstdlib>
#include <filesystem>

#include "base/error.h"

namespace thorax::cli {

Language first_language(const std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string word = arguments[i];
    if (word == "--lang" && i + 1 < arguments.size()) word += '=' + arguments[i + 1];
    if (word == "--lang=ru") return Language::ru;
    if (word == "--lang=en") return Language::en;
  }
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"})
    if (const char* value = std::getenv(name); value && *value)
      return std::string_view(value).starts_with("ru") ? Language::ru : Language::en;
  return Language::en;
}

CLI::App* add_command(CLI::App& app, const Program& program, const std::string& name,
                      const Text& what, const std::vector<std::string>& examples) {
  CLI::App* command = app.add_subcommand(name, program.say(what));
  std::string footer = program.say({"Examples:", "Примеры:"});
  for (const std::string& example : examples) footer += "\n  " + example;
  if (!examples.empty()) command->footer(footer);
  command->group(program.say({"Commands", "Команды"}));
  command->set_help_flag("-h,--help", program.say({"Show this help", "Показать эту справку"}))
      ->group(program.say(kOptionsGroup));
  return command;
}

CLI::Option* add_flag(CLI::App& command, const Program& program, const std::string& names,
                      bool& value, const Text& what) {
  return command.add_flag(names, value, program.say(what))->group(program.say(kOptionsGroup));
}

void add_settings_options(CLI::App& command, Program& program) {
  add_option(command, program, "--config", program.settings_file,
             {"YAML file with settings", "Файл YAML с настройками"}, "FILE");
  add_option(command, program, "--lang", program.language,
             {"Language of messages and report: en or ru", "Язык сообщений и отчёта: en или ru"},
             "LANG");
}

std::vector<std::string> apply_settings(Program& program, const std::vector<std::string>& words) {
  if (!program.settings_file.empty()) program.settings.load_file(program.settings_file);
  std::vector<std::string> rest;
  for (const std::string& word : words)
    if (Settings::is_override(word) && !std::filesystem::exists(word))
      program.settings.apply(word);
    else
      rest.push_back(word);
  if (!program.language.empty()) program.settings.set("language", program.language);
  pipeline::check(program.options);
  return rest;
}

int exit_code(std::size_t cases, const std::vector<Notice>& failures) {
  constexpr int kSomeFailed = 10, kAllFailed = 11;
  if (failures.empty()) return 0;
  if (cases == 1) return catalogue(failures.front().code).exit_code;
  return failures.size() == cases ? kAllFailed : kSomeFailed;
}

}  // namespace thorax::cli
