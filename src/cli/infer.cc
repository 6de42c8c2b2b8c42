// thorax infer: what a model says of pictures, one answer each.
#include <iostream>
#include <memory>

#include "base/error.h"
#include "cli/interrupt.h"
#include "cli/learned.h"
#include "cli/terminal.h"
#include "cli/work_line.h"
#include "pipeline/infer.h"

namespace thorax::cli {
namespace {

struct Arguments {
  std::vector<std::string> words;
  ModelChoice model;
  std::string mode;
  bool as_json = false;
};

/// "pytorch" and "onnx" are what services of such models call their engines.
std::string engine_of(const Arguments& arguments) {
  const std::string& mode = arguments.mode;
  if (!mode.empty() && mode != "torch" && mode != "pytorch" && mode != "onnx" && mode != "triton")
    throw Error(
        "bad_option"_code,
        {{"option", "--mode"}, {"value", mode}, {"hint", "torch | pytorch | onnx | triton"}});
  const std::string engine = mode == "pytorch" ? "torch" : mode;
  if (!engine.empty() && !arguments.model.engine.empty() && engine != arguments.model.engine)
    throw Error(
        "bad_option"_code,
        {{"option", "--mode"}, {"value", mode}, {"hint", "--engine " + arguments.model.engine}});
  return engine.empty() ? arguments.model.engine : engine;
}

void print_row(const Terminal& terminal, const pipeline::PictureAnswer& answer) {
  constexpr int kLabel = 24;
  const int name = std::max(16, terminal.columns() - kLabel - 10);
  std::cout << fit(answer.picture.filename, name) << ' '
            << terminal.bold(fit(answer.prediction, kLabel)) << ' '
            << pipeline::answer_json(answer, "")["confidence"].get<std::string>() << '\n';
}

void infer(Program& program, Arguments& arguments) {
  const std::vector<std::string> paths = apply_settings(program, arguments.words);
  arguments.model.engine = engine_of(arguments);
  const pipeline::LearnedModel model = load_model(program, arguments.model);
  const Interrupt interrupt;
  const Language language = program.options.language;
  WorkLine work(language, arguments.model.model);
  const std::vector<pipeline::PictureAnswer> answers =
      pipeline::infer_pictures(pipeline::expand_inputs({paths.begin(), paths.end()}), model,
                               program.options, Progress(&work, &interrupt.flag()));
  work.clear();
  const std::string mode =
      arguments.mode.empty() ? model.runner->describe().engine : arguments.mode;
  const Terminal terminal(stdout);
  std::vector<Notice> lost;
  for (const pipeline::PictureAnswer& answer : answers) {
    for (const Notice& warning : answer.picture.warnings)
      print_notice(answer.picture.id, warning, language);
    if (answer.picture.failure) {
      print_notice(answer.picture.id, *answer.picture.failure, language);
      lost.push_back(*answer.picture.failure);
    } else if (terminal.is_terminal() && !arguments.as_json) {
      print_row(terminal, answer);
    } else {
      std::cout << pipeline::answer_json(answer, mode).dump() << '\n';
    }
  }
  program.exit_code = exit_code(answers.size(), lost);
}

}  // namespace

void add_infer_command(CLI::App& app, Program& program) {
  CLI::App* command = add_command(
      app, program, "infer",
      {"Ask a model what class each picture belongs to", "Определить моделью класс каждого снимка"},
      {"thorax infer xray.png --model pneumonia",
       "thorax infer /data/xrays --model pneumonia --mode onnx --json | jq .prediction", "",
       program.say({"One JSON object a picture, one a line; a table on a terminal. The chest gate "
                    "only warns.",
                    "Один объект JSON на снимок, по одному в строке; в терминале — таблица. "
                    "Контроль области только предупреждает."}),
       program.say(kExitCodes)});
  auto arguments = std::make_shared<Arguments>();
  add_option(*command, program, "pictures", arguments->words,
             {"Pictures (JPEG, PNG, DICOM), folders or archives; and settings",
              "Снимки (JPEG, PNG, DICOM), папки или архивы, а также параметры"},
             "PICTURE|FOLDER|key=value")
      ->required();
  add_model_choice(*command, program, arguments->model)->required();
  add_option(*command, program, "--mode", arguments->mode,
             {"The engine, as the answers name it", "Движок, как он назван в ответах"},
             "torch|pytorch|onnx|triton");
  add_flag(*command, program, "--json", arguments->as_json,
           {"JSON on a terminal too", "JSON и в терминале"});
  add_settings_options(*command, program);
  command->callback([&program, arguments] { infer(program, *arguments); });
}

}  // namespace thorax::cli
