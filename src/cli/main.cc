#include <cstdlib>
#include <iostream>

#include "base/error.h"
#include "cli/program.h"
#include "cli/terminal.h"
#include "intake/child_main.h"

namespace {

using namespace thorax;

constexpr int kUsageError = 64;     // sysexits.h EX_USAGE
constexpr int kInternalError = 70;  // sysexits.h EX_SOFTWARE

void speak(CLI::App& app, Language language) {
  if (language != Language::ru) return;
  const auto formatter = std::make_shared<CLI::Formatter>();
  formatter->label("Usage", "Использование");
  formatter->label("OPTIONS", "ПАРАМЕТРЫ");
  formatter->label("SUBCOMMAND", "КОМАНДА");
  formatter->label("SUBCOMMANDS", "КОМАНДЫ");
  formatter->label("Positionals", "Аргументы");
  formatter->label("REQUIRED", "*");
  app.formatter(formatter);
}

int fail(const Notice& notice, Language language) {
  const cli::Terminal terminal(stderr);
  std::cerr << terminal.red("thorax: " + notice.id()) << "  " << notice.what(language) << '\n'
            << "  " << notice.todo(language) << '\n';
  return catalogue(notice.code).exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  if (int status = 0; intake::run_decode_child(argc, argv, status)) return status;
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  cli::Program program(cli::first_language(arguments));
  CLI::App app(program.say({"Reads chest CT and chest X-ray studies and reports on them. Research "
                            "use only.",
                            "Читает КТ и рентгенограммы грудной клетки и составляет отчёт. Только "
                            "для исследовательских целей."}),
               "thorax");
  speak(app, program.options.language);
  app.set_help_flag("-h,--help", program.say({"Show this help", "Показать эту справку"}));
  app.get_help_ptr()->group(program.say(cli::kOptionsGroup));
  cli::add_analyze_command(app, program);
  cli::add_doctor_command(app, program);
  cli::add_verify_command(app, program);
  cli::add_version_command(app, program);
  cli::add_config_command(app, program);
  cli::add_phantom_command(app, program);
  cli::add_model_command(app, program);
  cli::add_infer_command(app, program);
  cli::add_embed_command(app, program);
  cli::add_evaluate_command(app, program);
  cli::add_export_command(app, program);
  cli::add_deidentify_command(app, program);
  cli::add_similar_command(app, program);
  cli::add_data_command(app, program);
  cli::add_train_command(app, program);
  cli::add_tune_command(app, program);
  cli::add_serve_command(app, program);
  cli::add_user_command(app, program);
  cli::add_token_command(app, program);
  cli::add_audit_command(app, program);
  cli::add_backup_commands(app, program);
  cli::add_work_command(app, program);
  cli::add_completion_command(app, program);
  try {
    app.parse(argc, argv);
    if (!app.get_subcommands().empty()) return program.exit_code;
    std::cerr << app.help();
    return kUsageError;
  } catch (const CLI::Success& asked_for_help) {
    return app.exit(asked_for_help);
  } catch (const CLI::ParseError& error) {
    std::cerr << cli::Terminal(stderr).red("thorax: ") << error.what() << '\n'
              << program.say(
                     {"Run with --help to see how it is used.", "Справка: тот же вызов с --help."})
              << '\n';
    return kUsageError;
  } catch (const Error& error) {
    return fail(error.notice(), program.options.language);
  } catch (const std::exception& error) {
    fail({"internal"_code, {{"detail", error.what()}}}, program.options.language);
    return kInternalError;
  }
}
