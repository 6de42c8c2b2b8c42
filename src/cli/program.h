// What every command of the program shares. One file a command; each adds itself to the parser:
//
//     void add_version_command(CLI::App& app, Program& program);
//
// A command's callback does the work and sets program.exit_code; it throws Error to end with the
// catalogue's sentence and exit code.
#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <string>
#include <vector>

#include "base/config.h"
#include "base/notice.h"
#include "base/text.h"
#include "pipeline/options.h"
#include "serve/options.h"

namespace thorax::cli {

struct Program {
  /// `first`: language of messages until a setting says otherwise.
  explicit Program(Language first) {
    options.language = first;
    pipeline::add_settings(settings, options);
    serve::add_settings(settings, serve);
  }

  pipeline::Options options;
  serve::Options serve;
  Settings settings;
  std::string settings_file;  ///< --config
  std::string language;       ///< --lang; empty when not given
  int exit_code = 0;

  /// The same sentence in the language in use.
  const std::string& say(const Text& text) const { return text.in(options.language); }
};

/// The language to speak before any setting is read: --lang of the command line if it is one, else
/// what LC_ALL, LC_MESSAGES or LANG says.
Language first_language(const std::vector<std::string>& arguments);

inline const Text kOptionsGroup{"Options", "Параметры"};

/// A sub-command with help in the language in use and examples under it.
CLI::App* add_command(CLI::App& app, const Program& program, const std::string& name,
                      const Text& what, const std::vector<std::string>& examples);

/// An option of a command, described in the language in use.
template <class T>
CLI::Option* add_option(CLI::App& command, const Program& program, const std::string& names,
                        T& value, const Text& what, const std::string& type_name) {
  CLI::Option* option = command.add_option(names, value, program.say(what))->type_name(type_name);
  if (option->nonpositional()) option->group(program.say(kOptionsGroup));
  return option;
}
CLI::Option* add_flag(CLI::App& command, const Program& program, const std::string& names,
                      bool& value, const Text& what);

/// Options that every command with settings has: --config FILE, --lang.
void add_settings_options(CLI::App& command, Program& program);

/// Loads --config, then applies the words that are overrides, then --lang; returns the other words.
/// A word is a path, not an override, when something of that name exists. Throws Error.
std::vector<std::string> apply_settings(Program& program, const std::vector<std::string>& words);

/// Exit status of work on so many cases, some of them failed: 0 without failures, the error's own
/// for a single case, else 10 when some failed and 11 when all did.
int exit_code(std::size_t cases, const std::vector<Notice>& failures);

void add_analyze_command(CLI::App& app, Program& program);
void add_audit_command(CLI::App& app, Program& program);
void add_backup_commands(CLI::App& app, Program& program);
void add_completion_command(CLI::App& app, Program& program);
void add_config_command(CLI::App& app, Program& program);
void add_deidentify_command(CLI::App& app, Program& program);
void add_data_command(CLI::App& app, Program& program);
void add_doctor_command(CLI::App& app, Program& program);
void add_embed_command(CLI::App& app, Program& program);
void add_evaluate_command(CLI::App& app, Program& program);
void add_export_command(CLI::App& app, Program& program);
void add_infer_command(CLI::App& app, Program& program);
void add_model_command(CLI::App& app, Program& program);
void add_phantom_command(CLI::App& app, Program& program);
void add_serve_command(CLI::App& app, Program& program);
void add_similar_command(CLI::App& app, Program& program);
void add_token_command(CLI::App& app, Program& program);
void add_train_command(CLI::App& app, Program& program);
void add_tune_command(CLI::App& app, Program& program);
void add_user_command(CLI::App& app, Program& program);
void add_verify_command(CLI::App& app, Program& program);
void add_version_command(CLI::App& app, Program& program);
void add_work_command(CLI::App& app, Program& program);

}  // namespace thorax::cli
