// thorax tune: trains many times and says which settings are best.
#include <cstdio>
#include <iostream>
#include <memory>

#include "cli/interrupt.h"
#include "cli/program.h"
#include "cli/terminal.h"
#include "cli/train_once.h"
#include "cli/training_config.h"
#include "cli/training_teachers.h"
#include "cli/work_line.h"
#include "pipeline/tune.h"

namespace thorax::cli {
namespace {

using TrialSettings = std::vector<std::pair<std::string, std::string>>;

void print_trial(const tune::Trial& trial, int trials) {
  std::printf("%lld/%d  %.4f  %s  %.0f s\n", static_cast<long long>(trial.number), trials,
              trial.score, to_string(trial.outcome), trial.seconds);
  std::fflush(stdout);
}

/// Trains the teachers that are configurations, and returns what every trial is told of them.
TrialSettings train_teachers_once(Program& program, const Interrupt& interrupt,
                                  const TrainingConfig& config, learn::Options& options) {
  train_teachers(config.file, options, [&](const learn::Options& teacher, const std::string& yaml) {
    return train_once(program, interrupt, teacher, yaml);
  });
  return {{"training.teachers", options.training.teachers},
          {"network.start", options.network.start}};
}

void tune_config(Program& program, const TrainingConfig& config) {
  learn::Options options = read_training_config(config).first;
  speak_as_told(program);
  const Interrupt interrupt;
  const TrialSettings taught = train_teachers_once(program, interrupt, config, options);
  WorkLine work(program.options.language, options.run.name);
  const pipeline::TuningRun run = pipeline::tune_training(
      options, program.options,
      [&](const TrialSettings& trial) {
        TrialSettings settings = taught;
        settings.insert(settings.end(), trial.begin(), trial.end());
        return read_training_config(config, settings);
      },
      [&](const tune::Trial& trial) {
        work.clear();
        print_trial(trial, options.search.trials);
      },
      Progress(&work, &interrupt.flag()));
  work.clear();
  std::cout << Terminal(stdout).green("✓ ") << run.report.string() << '\n';
}

}  // namespace

void add_tune_command(CLI::App& app, Program& program) {
  CLI::App* command = add_command(
      app, program, "tune",
      {"Search for the settings that train best", "Подобрать параметры обучения"},
      {"thorax tune configs/head-tune.yaml data.embeddings=embeddings.safetensors "
       "data.table=labels.xlsx data.label_columns=status run.folder=search",
       "thorax train search/best.yaml", "",
       program.say({"The configuration is that of `thorax train`; its block `search` says what is "
                    "tried: ranges, scales and choices.",
                    "Конфигурация — как у `thorax train`; блок `search` задаёт, что подбирать: "
                    "диапазоны, шкалы, варианты."}),
       program.say({"Stopped with Ctrl-C or killed, the same command goes on where it was; with a "
                    "larger search.trials it searches on.",
                    "После Ctrl-C или сбоя та же команда продолжает с места остановки; с большим "
                    "search.trials — ищет дальше."})});
  auto config = std::make_shared<TrainingConfig>();
  add_training_config(*command, program, *config);
  command->callback([&program, config] { tune_config(program, *config); });
}

}  // namespace thorax::cli
