// A study without what identifies its patient.
#include "deidentify/study.h"

#include <iostream>
#include <memory>

#include "cli/program.h"

namespace thorax::cli {
namespace {

struct Arguments {
  std::vector<std::string> words;
  std::string study, out, dates = "remove", key;
};

void run(Program& program, const Arguments& arguments) {
  for (const std::string& word : apply_settings(program, arguments.words))
    program.settings.apply(word);
  const std::string key =
      arguments.key.empty() ? deidentify::new_key() : deidentify::read_key(arguments.key);
  const deidentify::Exported done =
      deidentify::export_study(arguments.study, arguments.out, key,
                               deidentify::parse_dates(arguments.dates), program.options.intake);
  const auto tell = [&](const Text& what, int count) {
    if (count > 0) std::cout << program.say(what) << count << '\n';
  };
  tell({"Images written: ", "Записано изображений: "}, done.images);
  tell({"Left out, with text burnt into the picture: ", "Пропущено, текст на самом изображении: "},
       done.burned_in);
  tell({"Left out, no images (reports, structures): ",
        "Пропущено, не изображения (отчёты, структуры): "},
       done.no_pixels);
  tell({"Left out, cannot be read: ", "Пропущено, не читается: "}, done.unreadable);
  tell({"Left out, other files: ", "Пропущено, прочие файлы: "}, done.others);
}

}  // namespace

void add_deidentify_command(CLI::App& app, Program& program) {
  CLI::App* command = add_command(
      app, program, "deidentify",
      {"Write a study's DICOM images without what identifies the patient (PS3.15, basic profile)",
       "Записать снимки DICOM без того, что указывает на пациента (PS3.15, базовый профиль)"},
      {"thorax deidentify study.zip --out anonymous.zip",
       "thorax deidentify folder --out anonymous.zip --dates shift --key project.key"});
  const auto arguments = std::make_shared<Arguments>();
  add_option(*command, program, "study", arguments->study,
             {"Folder, archive or DICOM file", "Папка, архив или файл DICOM"}, "STUDY")
      ->required();
  add_option(*command, program, "settings", arguments->words,
             {"Settings that differ from the default", "Параметры, отличные от умолчания"},
             "key=value");
  add_option(*command, program, "-o,--out", arguments->out, {"Zip to write", "Файл zip для записи"},
             "FILE")
      ->required();
  add_option(*command, program, "--dates", arguments->dates,
             {"remove them; shift all of a patient's by the same number of days; or keep",
              "Даты: remove — убрать, shift — сдвинуть все даты пациента на одно и то же число "
              "дней, keep — оставить"},
             "HOW");
  add_option(
      *command, program, "--key", arguments->key,
      {"File with the key of the pseudonyms, made when it is not there: exports with one key "
       "fit together; without, each has a key of its own that is not kept",
       "Файл с ключом псевдонимов (создаётся, если его нет): выгрузки с одним ключом "
       "согласованы между собой; без него у каждой свой ключ, который не сохраняется"},
      "FILE");
  add_settings_options(*command, program);
  command->callback([&program, arguments] { run(program, *arguments); });
}

}  // namespace thorax::cli
