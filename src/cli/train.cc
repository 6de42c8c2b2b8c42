// thorax train: a network, as a configuration file says.
#include <memory>

#include "cli/interrupt.h"
#include "cli/program.h"
#include "cli/train_once.h"
#include "cli/training_config.h"
#include "cli/training_teachers.h"

namespace thorax::cli {
namespace {

void train(Program& program, const TrainingConfig& config) {
  auto [training, yaml] = read_training_config(config);
  speak_as_told(program);
  const Interrupt interrupt;
  const auto one = [&](const learn::Options& options, const std::string& text) {
    return train_once(program, interrupt, options, text);
  };
  train_teachers(config.file, training, one);
  one(training, yaml);
}

}  // namespace

void add_train_command(CLI::App& app, Program& program) {
  CLI::App* command = add_command(
      app, program, "train",
      {"Train a network on labelled pictures or CT studies, or a head on embeddings",
       "Обучить сеть на размеченных снимках или КТ либо голову на эмбеддингах"},
      {"thorax train configs/xray-pneumonia.yaml data.source=pictures.zip run.folder=run",
       "thorax train configs/head-binary.yaml data.embeddings=embeddings.safetensors "
       "data.table=labels.xlsx data.label_columns=status",
       "thorax train configs/ct-slabs.yaml data.source=studies data.table=labels.csv",
       "thorax train configs/xray-warm-up.yaml data.source=pictures.zip data.unlabelled=more.zip",
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
  auto config = std::make_shared<TrainingConfig>();
  add_training_config(*command, program, *config);
  command->callback([&program, config] { train(program, *config); });
}

}  // namespace thorax::cli
