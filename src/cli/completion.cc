// Shell completion, made from the parser itself: a new option is completed without being told here.
#include <algorithm>
#include <iostream>
#include <memory>
#include <sstream>

#include "base/error.h"
#include "cli/program.h"

namespace thorax::cli {
namespace {

struct Word {
  std::string name, what;
  bool takes_value = false;  ///< of an option
};

struct Command {
  std::string path;            ///< "model list"; empty for the program itself
  std::vector<Word> commands;  ///< what can follow: sub-commands, or the values of its argument
  std::vector<Word> options;
  bool has_settings = false;  ///< takes key=value
};

/// "bash|zsh|fish" as three words; nothing for a description such as "PATH|key=value".
std::vector<Word> choices(const std::string& type_name) {
  std::vector<Word> words;
  if (type_name.find('|') == std::string::npos ||
      type_name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789|") != std::string::npos)
    return words;
  std::istringstream text(type_name);
  for (std::string word; std::getline(text, word, '|');) words.push_back({word, word});
  return words;
}

/// A command and, before it, all below it: shells take the first pattern that fits.
void collect(const CLI::App& app, const std::string& path, std::vector<Command>& all) {
  Command command{path, {}, {}, false};
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (sub->get_group().empty()) continue;
    command.commands.push_back({sub->get_name(), sub->get_description()});
    collect(*sub, path.empty() ? sub->get_name() : path + ' ' + sub->get_name(), all);
  }
  for (const CLI::Option* option : app.get_options()) {
    const std::string what = option->get_description();
    const bool takes_value = option->get_items_expected_max() > 0;
    for (const std::string& name : option->get_snames())
      command.options.push_back({'-' + name, what, takes_value});
    for (const std::string& name : option->get_lnames())
      command.options.push_back({"--" + name, what, takes_value});
    if (option->get_positional()) command.commands = choices(option->get_type_name());
    command.has_settings |= option->check_lname("config");
  }
  all.push_back(std::move(command));
}

std::string names_of(const std::vector<Word>& words) {
  std::string out;
  for (const Word& word : words) out += (out.empty() ? "" : " ") + word.name;
  return out;
}

/// Lines of a shell's `case` over the words before the one to complete, in which `make` writes what
/// a command offers. Its own words come only straight after it, its options anywhere behind.
template <class Make>
void print_cases(const std::vector<Command>& commands, Make make) {
  for (const Command& command : commands) {
    const std::string words = '"' + command.path + " \"";
    if (!command.commands.empty())
      std::cout << "    " << words << ") " << make(command, true) << ";;\n";
    if (!command.path.empty())
      std::cout << "    " << words << "*) " << make(command, false) << ";;\n";
  }
}

void bash(const std::vector<Command>& commands, const std::string& settings) {
  std::cout << "_thorax() {\n"
               "  local cur=${COMP_WORDS[COMP_CWORD]} commands= options= settings= found\n"
               "  case \"${COMP_WORDS[*]:1:COMP_CWORD-1} \" in\n";
  print_cases(commands, [](const Command& command, bool straight_after) {
    return (straight_after ? "commands='" + names_of(command.commands) + "' " : "") + "options='" +
           names_of(command.options) + "'" + (command.has_settings ? " settings=1 " : " ");
  });
  std::cout
      << "  esac\n"
         "  case $cur in\n"
         "    -*) found=$(compgen -W \"$options\" -- \"$cur\") ;;\n"
         "    *) if [ -n \"$commands\" ]; then found=$(compgen -W \"$commands\" -- \"$cur\")\n"
         "       else found=$(compgen -f -- \"$cur\"\n"
         "         [ -n \"$settings\" ] && compgen -W '"
      << settings
      << "' -- \"$cur\")\n"
         "       fi ;;\n"
         "  esac\n"
         "  COMPREPLY=()\n"
         "  [ -n \"$found\" ] && mapfile -t COMPREPLY <<< \"$found\"\n"
         "  [[ ${COMPREPLY[0]} != *= ]] || compopt -o nospace 2> /dev/null\n"
         "}\n"
         "complete -o filenames -F _thorax thorax\n";
}

/// A single-quoted word of a shell, in which `escaped` letters get a backslash.
std::string quoted(const std::string& text, const std::string& apostrophe,
                   const std::string& escaped = "") {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += apostrophe;
      continue;
    }
    if (escaped.find(c) != std::string::npos) out += '\\';
    out += c;
  }
  return '\'' + out + '\'';
}

/// "name:what it is" words, as zsh's _describe takes them.
std::string described(const std::vector<Word>& words) {
  std::string out;
  for (const Word& word : words)
    out += "\n      " + quoted(word.name, "'\\''", ":").append(":") +
           quoted(word.what, "'\\''", ":\\");
  return out;
}

void zsh(const std::vector<Command>& commands, const std::string& settings) {
  std::cout << "#compdef thorax\n"
               "_thorax() {\n"
               "  local -a commands options settings\n"
               "  case \"${(j: :)words[2,CURRENT-1]} \" in\n";
  print_cases(commands, [&](const Command& command, bool straight_after) {
    return (straight_after ? "commands=(" + described(command.commands) + ")\n      " : "") +
           "options=(" + described(command.options) + ")" +
           (command.has_settings ? "\n      settings=(" + settings + ") " : " ");
  });
  std::cout << "  esac\n"
               "  if [[ $PREFIX == -* ]]; then _describe -o option options\n"
               "  elif (( $#commands )); then _describe command commands\n"
               "  else _files; compadd -S '' -- $settings\n"
               "  fi\n"
               "}\n"
               "if [[ $funcstack[1] == _thorax ]]; then _thorax \"$@\"; else compdef _thorax "
               "thorax; fi\n";
}

void fish(const std::vector<Command>& commands, const std::string& settings) {
  std::cout << "function __thorax_in\n"
               "  set -l words (commandline -opc)\n"
               "  set -l last (math 1 + (count $argv))\n"
               "  test (count $words) -ge $last; and test \"$words[2..$last]\" = \"$argv\"\n"
               "end\n"
               "function __thorax_after\n"
               "  test (count (commandline -opc)) -eq (math 1 + (count $argv))\n"
               "  and begin; test (count $argv) -eq 0; or __thorax_in $argv; end\n"
               "end\n";
  const auto what = [](const Word& word) { return " -d " + quoted(word.what, "\\'", "\\"); };
  for (const Command& command : commands) {
    const std::string after = "complete -c thorax -n '__thorax_after " + command.path + "'";
    const std::string in =
        command.path.empty() ? after : "complete -c thorax -n '__thorax_in " + command.path + "'";
    for (const Word& word : command.commands)
      std::cout << after << " -f -a " << word.name << what(word) << '\n';
    for (const Word& option : command.options)
      std::cout << in
                << (option.name.starts_with("--") ? " -l " + option.name.substr(2)
                                                  : " -s " + option.name.substr(1))
                << (option.takes_value ? " -r" : "") << what(option) << '\n';
    if (command.has_settings) std::cout << in << " -a '" << settings << "'\n";
  }
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
    std::vector<Command> commands;
    collect(app, "", commands);
    std::string settings;
    for (const std::string& key : program.settings.keys())
      settings += (settings.empty() ? "" : " ") + key + '=';
    if (*shell == "bash")
      bash(commands, settings);
    else if (*shell == "zsh")
      zsh(commands, settings);
    else if (*shell == "fish")
      fish(commands, settings);
    else
      throw Error("bad_option"_code,
                  {{"option", "shell"}, {"value", *shell}, {"hint", "bash | zsh | fish"}});
  });
}

}  // namespace thorax::cli
