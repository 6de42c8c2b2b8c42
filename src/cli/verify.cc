#include <iostream>
#include <memory>

#include "base/error.h"
#include "cli/interrupt.h"
#include "cli/program.h"
#include "cli/terminal.h"
#include "pipeline/verify.h"

namespace thorax::cli {
namespace {

using report::Check;
using report::CheckState;

struct Arguments {
  std::vector<std::string> words;
  std::string input;
};

Text kind_text(Check::Kind kind) {
  switch (kind) {
    case Check::Kind::result:
      return {"result", "результат"};
    case Check::Kind::output:
      return {"file", "файл"};
    case Check::Kind::model:
      return {"model", "модель"};
    case Check::Kind::input:
      break;
  }
  return {"input", "исходные данные"};
}

std::string state_text(CheckState state, const Terminal& terminal, Language language) {
  const std::string text = fit(report::check_text(state).in(language), 14);
  switch (state) {
    case CheckState::intact:
      return terminal.green("✓ " + text);
    case CheckState::changed:
    case CheckState::missing:
      return terminal.red("✕ " + text);
    case CheckState::not_checked:
      break;
  }
  return terminal.yellow("? " + text);
}

void verify(Program& program, const Arguments& arguments) {
  const Language language = program.options.language;
  const Terminal terminal(stdout);
  const Interrupt interrupt;
  const report::VerifyHooks hooks = pipeline::verify_hooks(program.options, arguments.input,
                                                           Progress(nullptr, &interrupt.flag()));
  std::string broken;
  for (const std::string& report : arguments.words)
    for (const Check& check : report::verify_report(report, hooks)) {
      std::cout << state_text(check.state, terminal, language) << "  "
                << fit(kind_text(check.kind).in(language), 15) << "  " << check.name << '\n';
      if (check.state == CheckState::changed || check.state == CheckState::missing)
        broken += (broken.empty() ? "" : ", ") + check.name;
    }
  if (!broken.empty()) throw Error("report_altered"_code, {{"what", broken}});
}

}  // namespace

void add_verify_command(CLI::App& app, Program& program) {
  CLI::App* command = add_command(
      app, program, "verify",
      {"Check a report's hashes: result, files, models, input",
       "Проверить контрольные суммы отчёта: результат, файлы, модели, исходные данные"},
      {"thorax verify thorax-report/study", "thorax verify report/result.json --input study.zip",
       "",
       program.say(
           {"Exit status: 0 everything holds; 65 something differs or is missing.",
            "Код возврата: 0 — всё совпадает; 65 — есть отличия или чего-то не хватает."})});
  auto arguments = std::make_shared<Arguments>();
  add_option(*command, program, "report", arguments->words,
             {"Folders of studies or their result.json", "Папки исследований или их result.json"},
             "REPORT|key=value")
      ->required();
  add_option(*command, program, "--input", arguments->input,
             {"Where the input is now", "Где сейчас исходные данные"}, "PATH");
  add_settings_options(*command, program);
  command->callback([&program, arguments] {
    arguments->words = apply_settings(program, arguments->words);
    verify(program, *arguments);
  });
}

}  // namespace thorax::cli
