#include "cli/learned.h"

#include <iostream>

#include "cli/terminal.h"

namespace thorax::cli {

CLI::Option* add_model_choice(CLI::App& command, const Program& program, ModelChoice& choice) {
  CLI::Option* model = add_option(command, program, "--model", choice.model,
                                  {"Name of the model, as `thorax model list` shows it",
                                   "Имя модели, как его показывает `thorax model list`"},
                                  "NAME");
  add_option(command, program, "--models", choice.models,
             {"Folder of model folders", "Папка с моделями"}, "DIR");
  add_option(command, program, "--engine", choice.engine,
             {"Engine that computes", "Вычислительный движок"}, "torch|onnx");
  add_option(command, program, "--precision", choice.precision,
             {"Precision the model runs in", "Точность вычислений"}, "fp32|bf16");
  return model;
}

pipeline::LearnedModel load_model(Program& program, const ModelChoice& choice) {
  if (!choice.models.empty()) program.settings.set("models.folder", choice.models);
  engine::RunOptions run;
  run.engine = choice.engine;
  run.precision = choice.precision;
  return pipeline::load_learned_model(program.options, choice.model, run);
}

void print_notice(const std::string& id, const Notice& notice, Language language) {
  const Terminal terminal(stderr);
  std::cerr << terminal.red("✕ " + id) << ": " << notice.id() << "  " << notice.what(language)
            << '\n';
}

}  // namespace thorax::cli
