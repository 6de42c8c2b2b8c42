// thorax embed: the embeddings of many studies in one file.
#include <iostream>
#include <memory>

#include "base/error.h"
#include "cli/interrupt.h"
#include "cli/learned.h"
#include "cli/terminal.h"
#include "cli/work_line.h"
#include "pipeline/embed.h"

namespace thorax::cli {
namespace {

struct Arguments {
  std::vector<std::string> words;
  ModelChoice model;
  std::string out = "embeddings.safetensors";
  bool raw = false, no_gate = false;
};

void embed(Program& program, const Arguments& arguments) {
  const std::vector<std::string> paths = apply_settings(program, arguments.words);
  const pipeline::LearnedModel model = load_model(program, arguments.model);
  const Interrupt interrupt;
  const Language language = program.options.language;
  WorkLine work(language, arguments.model.model);
  pipeline::EmbedOptions wanted;
  wanted.normalise = !arguments.raw;
  if (arguments.no_gate) wanted.gate = pipeline::Gate::off;
  const pipeline::EmbeddingIndex index =
      pipeline::embed_cases(pipeline::expand_inputs({paths.begin(), paths.end()}), model, wanted,
                            program.options, Progress(&work, &interrupt.flag()));
  work.clear();
  std::vector<Notice> lost;
  for (const pipeline::LostCase& one : index.lost) {
    print_notice(one.id, one.reason, language);
    lost.push_back(one.reason);
  }
  program.exit_code = exit_code(index.ids.size() + lost.size(), lost);
  if (index.ids.empty()) return;
  pipeline::write_index(arguments.out, index);
  std::cout << Terminal(stdout).green("✓ ") << arguments.out << ": " << index.ids.size() << " × "
            << index.width << '\n';
}

}  // namespace

void add_embed_command(CLI::App& app, Program& program) {
  CLI::App* command = add_command(
      app, program, "embed",
      {"Write a model's embeddings of many studies", "Сохранить эмбеддинги многих исследований"},
      {"thorax embed /data/studies --model ct-clip --out embeddings.safetensors",
       "thorax embed /data/xrays --model dinov2 --raw", "",
       program.say({"The tensor \"embeddings\" [N, D]; its metadata names the cases (\"ids\") and "
                    "those that were lost (\"lost\").",
                    "Тензор «embeddings» [N, D]; в его метаданных — идентификаторы случаев («ids») "
                    "и потерянные случаи («lost»)."}),
       program.say({"Nothing is written when no case could be read.",
                    "Если не прочитан ни один случай, файл не создаётся."}),
       program.say(kExitCodes)});
  auto arguments = std::make_shared<Arguments>();
  add_option(*command, program, "input", arguments->words,
             {"Folders, archives, DICOM, NIfTI, JPEG or PNG files; and settings",
              "Папки, архивы, файлы DICOM, NIfTI, JPEG или PNG, а также параметры"},
             "INPUT|key=value")
      ->required();
  add_model_choice(*command, program, arguments->model)->required();
  add_option(*command, program, "-o,--out", arguments->out,
             {"File for the embeddings", "Файл для эмбеддингов"}, "FILE")
      ->capture_default_str();
  add_flag(*command, program, "--raw", arguments->raw,
           {"Do not scale the embeddings to length 1", "Не приводить эмбеддинги к длине 1"});
  add_flag(*command, program, "--no-gate", arguments->no_gate, kNoGate);
  add_settings_options(*command, program);
  command->callback([&program, arguments] { embed(program, *arguments); });
}

}  // namespace thorax::cli
