// Shell completion, made from the parser itself: a new option is completed without being told here.
#include <iostream>
#include <memory>

#include "base/error.h"
#include "cli/program.h"

namespace thorax::cli {
namespace {

struct Command {
  std::string name, what;
  std::vector<std::string> options;
};

std::vector<Command> commands_of(const CLI::App& app) {
  std::vector<Command> commands;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (sub->get_group().empty()) continue;
    Command command{sub->get_name(), sub->get_description(), {}};
    for (const CLI::Option* option : sub->get_options()) {
      for (const std::string& name : option->get_snames()) command.options.push_back('-' + name);
      for (const std::string& name : option->get_lnames()) command.options.push_back("--" + name);
    }
    commands.push_back(std::move(command));
  }
  return commands;
}

std::string joined(const std::vector<std::string>& words, const std::string& after = "") {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word + after;
  return out;
}

std::string names_of(const std::vector<Command>& commands) {
  std::vector<std::string> names;
  for (const Command& command : commands) names.push_back(command.name);
  return joined(names);
}

void bash(const std::vector<Command>& commands, const std::string& settings) {
  std::cout << "_thorax() {\n"
               "  local cur=${COMP_WORDS[COMP_CWORD]} options=\n"
               "  COMPREPLY=()\n"
               "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
               "    COMPREPLY=($(compgen -W '"
            << names_of(commands)
            << "' -- \"$cur\"))\n"
               "    return\n"
               "  fi\n"
               "  case ${COMP_WORDS[1]} in\n";
  for (const Command& command : commands)
    std::cout << "    " << command.name << ") options='" << joined(command.options) << "' ;;\n";
  std::cout << "  esac\n"
               "  case $cur in\n"
               "    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$cur\")) ;;\n"
               "    *) COMPREPLY=($(compgen -f -- \"$cur\") $(compgen -W '"
            << settings
            << "' -- \"$cur\")) ;;\n"
               "  esac\n"
               "}\n"
               "complete -o filenames -F _thorax thorax\n";
}

/// For a single-quoted word of zsh or fish.
std::string quoted(std::string text, bool zsh) {
  std::string out;
  for (const char c : text)
    if (c == '\'')
      out += zsh ? "'\\''" : "\\'";
    else if (zsh && (c == ':' || c == '[' || c == ']'))
      out += std::string("\\") + c;
    else
      out += c;
  return "'" + out + "'";
}

void zsh(const std::vector<Command>& commands, const std::string& settings) {
  std::cout << "#compdef thorax\n"
               "_thorax() {\n"
               "  if (( CURRENT == 2 )); then\n"
               "    local -a commands=(\n";
  for (const Command& command : commands)
    std::cout << "      " << quoted(command.name, true).substr(0, command.name.size() + 1) << ':'
              << quoted(command.what, true).substr(1) << '\n';
  std::cout << "    )\n"
               "    _describe command commands\n"
               "    return\n"
               "  fi\n"
               "  local -a options settings=("
            << settings
            << ")\n"
               "  case $words[2] in\n";
  for (const Command& command : commands)
    std::cout << "    " << command.name << ") options=(" << joined(command.options) << ") ;;\n";
  std::cout << "  esac\n"
               "  if [[ $PREFIX == -* ]]; then compadd -- $options\n"
               "  else _files; compadd -S '' -- $settings\n"
               "  fi\n"
               "}\n"
               "if [[ $funcstack[1] == _thorax ]]; then _thorax \"$@\"; else compdef _thorax "
               "thorax; fi\n";
}

void fish(const std::vector<Command>& commands, const std::string& settings) {
  for (const Command& command : commands) {
    std::cout << "complete -c thorax -n __fish_use_subcommand -f -a " << command.name << " -d "
              << quoted(command.what, false) << '\n';
    for (const std::string& option : command.options)
      std::cout << "complete -c thorax -n '__fish_seen_subcommand_from " << command.name << "' "
                << (option.starts_with("--") ? "-l " + option.substr(2) : "-s " + option.substr(1))
                << '\n';
  }
  std::cout << "complete -c thorax -n '__fish_seen_subcommand_from analyze' -a '" << settings
            << "'\n";
}

}  // namespace

void add_completion_command(CLI::App& app, Program& program) {
  CLI::App* command =
      add_command(app, program, "completion",
                  {"Print a completion script for bash, zsh or fish",
                   "Вывести сценарий автодополнения для bash, zsh или fish"},
                  {"source <(thorax completion bash)", "thorax completion zsh > ~/.zfunc/_thorax",
                   "thorax completion fish > ~/.config/fish/completions/thorax.fish"});
  auto shell = std::make_shared<std::string>();
  add_option(*command, program, "shell", *shell, {"Which shell", "Для какой оболочки"},
             "bash|zsh|fish")
      ->required();
  command->callback([&app, &program, shell] {
    const std::vector<Command> commands = commands_of(app);
    const std::string settings = joined(program.settings.keys(), "=");
    if (*shell == "bash")
      bash(commands, settings);
    else if (*shell == "zsh")
      zsh(commands, settings);
    else if (*shell == "fish")
      fish(commands, settings);
    else
      throw Error(Code::bad_option,
                  {{"option", "shell"}, {"value", *shell}, {"hint", "bash | zsh | fish"}});
  });
}

}  // namespace thorax::cli
