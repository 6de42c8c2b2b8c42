// thorax train: a network from labelled pictures, as a configuration file says.
#include <cstdio>
#include <iostream>
#include <memory>

#include "base/error.h"
#include "cli/interrupt.h"
#include "cli/program.h"
#include "cli/terminal.h"
#include "cli/work_line.h"
#include "pipeline/train.h"

namespace thorax::cli {
namespace {

struct Arguments {
  std::string config;
  std::vector<std::string> words;
};

void print_epoch(const learn::EpochRow& row, int epochs) {
  std::printf("%lld/%d  loss %.4f  validation %.4f  accuracy %.4f  %.0f s\n",
              static_cast<long long>(row.epoch), epochs, row.train_loss, row.validation_loss,
              row.validation_accuracy, row.seconds);
  std::fflush(stdout);
}

void train(Program& program, const Arguments& arguments) {
  learn::Options training;
  Settings settings;
  learn::add_settings(settings, training);
  settings.load_file(arguments.config);
  for (const std::string& word : arguments.words) settings.apply(word);
  if (!program.language.empty()) program.settings.set("language", program.language);
  const Interrupt interrupt;
  WorkLine work(program.options.language, training.run.name);
  const pipeline::TrainingRun run = pipeline::train(
      training, settings.to_yaml(Language::en), program.options,
      [&](const std::vector<learn::EpochRow>& rows) {
        work.clear();
        print_epoch(rows.back(), training.training.epochs);
      },
      Progress(&work, &interrupt.flag()));
  work.clear();
  std::cout << Terminal(stdout).green("✓ ") << run.model.string() << '\n';
}

}  // namespace

void add_train_command(CLI::App& app, Program& program) {
  CLI::App* command = add_command(
      app, program, "train",
      {"Train a network on labelled pictures, or a head on embeddings",
       "Обучить сеть на размеченных снимках или голову на эмбеддингах"},
      {"thorax train configs/xray-pneumonia.yaml data.source=pictures.zip run.folder=run",
       "thorax train configs/head-binary.yaml data.embeddings=embeddings.safetensors "
       "data.table=labels.xlsx data.label_columns=status",
       "thorax train config.yaml training.epochs=4 training.batch=16", "",
       program.say(
           {"Stopped with Ctrl-C or killed, the same command goes on where it was, with the "
            "same result.",
            "После Ctrl-C или сбоя та же команда продолжает с места остановки с тем же "
            "результатом."}),
       program.say({"The run's folder holds the settings, losses (metrics.csv), checkpoints, the "
                    "model's folder and predictions.csv.",
                    "В папке обучения: настройки, потери (metrics.csv), контрольные точки, папка "
                    "модели и predictions.csv."})});
  auto arguments = std::make_shared<Arguments>();
  add_option(*command, program, "config", arguments->config,
             {"Configuration file (YAML)", "Файл настроек (YAML)"}, "CONFIG")
      ->required();
  add_option(*command, program, "settings", arguments->words,
             {"Settings that differ from it", "Отличия от него"}, "key=value");
  CLI::Option* language = command->add_option("--lang", program.language);
  language->type_name("en|ru")->group(program.say(kOptionsGroup));
  language->description(program.say({"Language", "Язык"}));
  command->callback([&program, arguments] { train(program, *arguments); });
}

}  // namespace thorax::cli
