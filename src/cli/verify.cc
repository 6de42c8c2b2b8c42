#include <iostream>
#include <memory>

#include "base/error.h"
#include "cli/interrupt.h"
#include "cli/program.h"
#include "cli/terminal.h"
#include "pipeline/verify.h"

namespace thorax::cli {
namespace {

using pipeline::Check;
using pipeline::CheckState;

struct Arguments {
  std::vector<std::string> words;
  std::string input;
};

Text what_text(Check::What what) {
  switch (what) {
    case Check::What::result:
      return {"result", "результат"};
    case Check::What::file:
      return {"file", "файл"};
    case Check::What::model:
      return {"model", "модель"};
    case Check::What::input:
      break;
  }
  return {"input", "исходные данные"};
}

void print(const Check& check, const Terminal& terminal, Language language) {
  std::string state;
  switch (check.state) {
    case CheckState::holds:
      state = terminal.green(fit(Text{"✓ holds", "✓ совпадает"}.in(language), 12));
      break;
    case CheckState::differs:
      state = terminal.red(fit(Text{"✕ differs", "✕ отличается"}.in(language), 12));
      break;
    case CheckState::missing:
      state = terminal.yellow(fit(Text{"? missing", "? не найдено"}.in(language), 12));
      break;
  }
  std::cout << state << "  " << fit(what_text(check.what).in(language), 15) << "  " << check.name
            << '\n';
}

void verify(Program& program, const Arguments& arguments) {
  const Language language = program.options.language;
  const Terminal terminal(stdout);
  const Interrupt interrupt;
  std::string changed;
  for (const std::string& report : arguments.words)
    for (const Check& check : pipeline::verify_report(report, arguments.input, program.options,
                                                      Progress(nullptr, &interrupt.flag()))) {
      print(check, terminal, language);
      if (check.state != CheckState::holds) changed += (changed.empty() ? "" : ", ") + check.name;
    }
  if (!changed.empty()) throw Error(Code::report_altered, {{"what", changed}});
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
