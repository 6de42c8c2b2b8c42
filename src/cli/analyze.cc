#include <filesystem>
#include <iostream>
#include <memory>

#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "cli/interrupt.h"
#include "cli/program.h"
#include "cli/progress_line.h"
#include "cli/summary.h"
#include "pipeline/batch.h"
#include "report/json.h"

namespace thorax::cli {
namespace {

struct Arguments {
  std::vector<std::string> words;
  std::string output = "thorax-report";
  std::string series, models;
  int jobs = -1;
  bool dicom = false, json = false, masks = false, memory = false, verbose = false;
};

void add_options(CLI::App& command, Program& program, Arguments& arguments) {
  add_option(command, program, "input", arguments.words,
             {"Folders, archives, DICOM, NIfTI, JPEG or PNG files; and settings",
              "Папки, архивы, файлы DICOM, NIfTI, JPEG или PNG, а также параметры"},
             "INPUT|key=value")
      ->required();
  add_option(
      command, program, "-o,--out", arguments.output,
      {"Folder for the reports, a folder a study", "Папка для отчётов, по папке на исследование"},
      "DIR")
      ->capture_default_str();
  add_option(command, program, "--series", arguments.series,
             {"Read this series (SeriesInstanceUID, as `thorax doctor` lists it)",
              "Читать эту серию (SeriesInstanceUID, как её показывает `thorax doctor`)"},
             "UID");
  add_option(command, program, "--models", arguments.models,
             {"Folder of model folders", "Папка с моделями"}, "DIR");
  add_option(command, program, "-j,--jobs", arguments.jobs,
             {"Studies at a time", "Сколько исследований одновременно"}, "N");
  add_flag(command, program, "--json", arguments.json,
           {"Print the results as JSON, a list", "Вывести результаты в JSON, списком"});
  add_flag(command, program, "--masks", arguments.masks,
           {"Write anatomy and findings as NIfTI", "Сохранить маски анатомии и находок в NIfTI"});
  add_flag(command, program, "--dicom", arguments.dicom,
           {"Write segmentation and report as DICOM objects",
            "Сохранить сегментацию и отчёт как объекты DICOM"});
  add_flag(command, program, "--memory", arguments.memory,
           {"Print the peak memory", "Вывести пиковый объём памяти"});
  add_flag(command, program, "-v,--verbose", arguments.verbose,
           {"Log what is done", "Вести журнал работы"});
  add_settings_options(command, program);
}

pipeline::BatchJob make_job(Program& program, const Arguments& arguments) {
  pipeline::BatchJob job;
  const std::vector<std::string> paths = apply_settings(program, arguments.words);
  Settings& settings = program.settings;
  if (arguments.jobs >= 0) settings.set("batch.jobs", std::to_string(arguments.jobs));
  if (arguments.masks) settings.set("output.masks", "true");
  if (arguments.dicom) settings.set("output.dicom", "true");
  if (!arguments.models.empty()) settings.set("models.folder", arguments.models);
  program.options.series_uid = arguments.series;
  if (paths.empty())
    throw Error("bad_option"_code, {{"option", "INPUT"}, {"value", "\"\""}, {"hint", "PATH"}});
  job.inputs = pipeline::expand_inputs({paths.begin(), paths.end()});
  job.output = arguments.output;
  job.options = program.options;
  job.changed_settings = settings.changed();
  if (!arguments.series.empty()) job.changed_settings.emplace_back("series", arguments.series);
  return job;
}

int exit_code_of(const std::vector<pipeline::Outcome>& outcomes) {
  std::vector<Notice> failures;
  for (const pipeline::Outcome& outcome : outcomes)
    if (outcome.result.failure) failures.push_back(*outcome.result.failure);
  return exit_code(outcomes.size(), failures);
}

void print_json(const std::vector<pipeline::Outcome>& outcomes, const Program& program) {
  std::cout << "[";
  for (std::size_t i = 0; i < outcomes.size(); ++i)
    std::cout << (i ? ",\n" : "\n")
              << report::to_json(outcomes[i].result, {program.options.output.identify});
  std::cout << "]\n";
}

void print_memory(const Program& program) {
  constexpr double kMebi = 1 << 20;
  std::cerr << program.say({"Peak memory", "Пик памяти"}) << ": "
            << static_cast<int>(static_cast<double>(peak_memory_bytes()) / kMebi) << " MiB, "
            << program.say({"decoding process", "процесс декодирования"}) << ": "
            << static_cast<int>(static_cast<double>(peak_child_memory_bytes()) / kMebi) << " MiB\n";
}

void analyze(Program& program, const Arguments& arguments) {
  if (arguments.verbose) log::set_level(log::Level::info);
  const pipeline::BatchJob job = make_job(program, arguments);
  const pipeline::Models models = pipeline::load_models(job.options.models);
  const Interrupt interrupt;
  ProgressLine line(program.options.language, job.inputs.size());
  const std::vector<pipeline::Outcome> outcomes =
      pipeline::run_batch(job, models, line, interrupt.flag());
  line.clear();
  if (arguments.json)
    print_json(outcomes, program);
  else
    print_summary(outcomes, job, program.options.language);
  if (arguments.memory) print_memory(program);
  program.exit_code = exit_code_of(outcomes);
}

}  // namespace

void add_analyze_command(CLI::App& app, Program& program) {
  CLI::App* command = add_command(
      app, program, "analyze",
      {"Read studies and write their reports", "Прочитать исследования и составить отчёты"},
      {"thorax analyze study.zip", "thorax analyze /data/studies -o reports --lang ru --jobs 4",
       "thorax analyze study/ --series 1.2.840.1 --masks verdict.band_low=0.4",
       "thorax analyze study.zip --json | jq '.[0].verdict'", "",
       program.say(
           {"Exit status: 0 every study was read; 10 some of several failed, 11 all of them;",
            "Код возврата: 0 — прочитаны все исследования; 10 — часть из нескольких не "
            "прочитана, 11 — ни одного;"}),
       program.say({"a single failed study: 64-66 input, 69 no model, 70 internal, 71 memory,",
                    "для одного исследования: 64-66 — исходные данные, 69 — нет модели, 70 — "
                    "внутренняя ошибка, 71 — память,"}),
       program.say({"73 cannot write, 78 settings file, 130 cancelled.",
                    "73 — не удалось записать, 78 — файл настроек, 130 — прервано."})});
  auto arguments = std::make_shared<Arguments>();
  add_options(*command, program, *arguments);
  command->callback([&program, arguments] { analyze(program, *arguments); });
}

}  // namespace thorax::cli
