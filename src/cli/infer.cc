// thorax infer: what a model says of pictures, one answer each.
#include <iostream>
#include <memory>
#include <utility>

#include "base/error.h"
#include "cli/interrupt.h"
#include "cli/learned.h"
#include "cli/terminal.h"
#include "cli/work_line.h"
#include "pipeline/answer_table.h"

namespace thorax::cli {
namespace {

struct Arguments {
  std::vector<std::string> words;
  ModelChoice model;
  std::string mode;
  std::string table, labels, patient;
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

void write_table(const Arguments& arguments, const std::vector<pipeline::PictureAnswer>& answers,
                 const weights::Manifest& model, const pipeline::PictureLabels& labels,
                 Language language) {
  const pipeline::AnswerCounts counts =
      pipeline::write_answers(arguments.table, answers, model.labels, labels);
  const bool ru = language == Language::ru;
  std::cerr << arguments.table << ": " << counts.rows << (ru ? " строк" : " rows");
  if (counts.unlisted > 0)
    std::cerr << (ru ? ", не указано в таблице классов: " : ", not listed among the labels: ")
              << counts.unlisted;
  if (counts.unknown > 0)
    std::cerr << (ru ? ", без класса модели: " : ", of no class of the model: ") << counts.unknown;
  std::cerr << '\n';
}

void infer(Program& program, Arguments& arguments) {
  const std::vector<std::string> paths = apply_settings(program, arguments.words);
  arguments.model.engine = engine_of(arguments);
  for (const auto& [option, value] :
       {std::pair<std::string, std::string>{"--labels", arguments.labels},
        {"--patient", arguments.patient}})
    if (!value.empty() && arguments.table.empty())
      throw Error("bad_option"_code,
                  {{"option", option}, {"value", value}, {"hint", "--table FILE.csv"}});
  const pipeline::PictureLabels labels(arguments.labels, arguments.patient, "--patient");
  const pipeline::LearnedModel model = load_model(program, arguments.model);
  // What cannot be written is said before the answers are there.
  if (!arguments.table.empty())
    pipeline::write_answers(arguments.table, {}, model.manifest.labels, labels);
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
  if (!arguments.table.empty()) write_table(arguments, answers, model.manifest, labels, language);
  program.exit_code = exit_code(answers.size(), lost);
}

}  // namespace

void add_infer_command(CLI::App& app, Program& program) {
  CLI::App* command = add_command(
      app, program, "infer",
      {"Ask a model what class each picture belongs to", "Определить моделью класс каждого снимка"},
      {"thorax infer xray.png --model pneumonia",
       "thorax infer /data/xrays --model pneumonia --mode onnx --json | jq .prediction",
       "thorax infer /data/xrays --model xray-pneumonia --table answers.csv "
       "--patient '(person[0-9]+|IM-[0-9]+)'",
       "",
       program.say({"One JSON object a picture, one a line; a table on a terminal. The chest gate "
                    "only warns.",
                    "Один объект JSON на снимок, по одному в строке; в терминале — таблица. "
                    "Контроль области только предупреждает."}),
       program.say({"--table is for `thorax evaluate`: the true class of a picture is the folder "
                    "that it lies in, unless --labels says it.",
                    "--table нужна для `thorax evaluate`: истинный класс снимка — папка, в "
                    "которой он лежит, если его не указывает --labels."}),
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
  add_option(*command, program, "--table", arguments->table,
             {"Table of the answers beside the true classes, for `thorax evaluate`",
              "Таблица ответов и истинных классов для `thorax evaluate`"},
             "FILE.csv");
  add_option(*command, program, "--labels", arguments->labels,
             {"Table with the columns path, class, patient_id",
              "Таблица со столбцами path, class, patient_id"},
             "CSV");
  add_option(*command, program, "--patient", arguments->patient,
             {"Expression whose group finds the patient in a file's name; without one each "
              "picture is a patient",
              "Выражение, группа которого находит пациента в имени файла; без него каждый "
              "снимок — пациент"},
             "REGEX");
  add_flag(*command, program, "--json", arguments->as_json,
           {"JSON on a terminal too", "JSON и в терминале"});
  add_settings_options(*command, program);
  command->callback([&program, arguments] { infer(program, *arguments); });
}

}  // namespace thorax::cli
