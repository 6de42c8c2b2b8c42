// thorax data: what a training set consists of, where it comes from and how it is split.
#include <iostream>
#include <memory>

#include "base/error.h"
#include "base/files.h"
#include "cli/interrupt.h"
#include "cli/program.h"
#include "cli/terminal.h"
#include "cli/work_line.h"
#include "datasets/fetch.h"
#include "datasets/lock.h"
#include "learn/split.h"
#include "learn/table.h"
#include "pipeline/data_page.h"

namespace thorax::cli {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  std::string folder, lock = "data.lock.json", table, out;
  std::string path_column = "path", split_column = "split", patient_column = "patient_id",
              class_column = "class";
  double validation = 0.1, test = 0.1;
  std::uint64_t seed = 42;
  std::vector<std::string> addresses;
  std::string sha256;
};

void done(const std::string& what) {
  std::cout << Terminal(stdout).green("✓ ") << what << '\n';
}

void lock(Program& program, const Arguments& arguments) {
  const Interrupt interrupt;
  WorkLine work(program.options.language, "lock");
  std::map<std::string, std::string> splits;
  if (!arguments.table.empty())
    for (const auto& row :
         learn::read_table(arguments.table, {arguments.path_column, arguments.split_column}))
      splits[row.at(arguments.path_column)] = row.at(arguments.split_column);
  const datasets::Lock locked = datasets::lock_folder(arguments.folder, splits, arguments.lock,
                                                      Progress(&work, &interrupt.flag()));
  datasets::write_lock(arguments.lock, locked);
  work.clear();
  done(arguments.lock + "  " + std::to_string(locked.size()) + " " +
       program.say({"files", "файлов"}));
}

void verify(Program& program, const Arguments& arguments) {
  const Interrupt interrupt;
  WorkLine work(program.options.language, "verify");
  const datasets::Lock locked = datasets::read_lock(arguments.lock);
  const datasets::Differences found =
      datasets::compare(locked, datasets::lock_folder(arguments.folder, {}, arguments.lock,
                                                      Progress(&work, &interrupt.flag())));
  work.clear();
  const auto list = [&](const std::vector<std::string>& paths, const Text& what) {
    for (const std::string& path : paths) std::cout << program.say(what) << "  " << path << '\n';
  };
  list(found.missing, {"missing", "нет файла"});
  list(found.changed, {"changed", "изменён"});
  list(found.added, {"added", "лишний"});
  if (!found.none())
    throw Error("data_differ"_code, {{"path", arguments.folder}, {"lock", arguments.lock}});
  done(std::to_string(locked.size()) + " " + program.say({"files", "файлов"}));
}

void split(Program& program, const Arguments& arguments) {
  const auto rows = learn::read_table(
      arguments.table, {arguments.path_column, arguments.patient_column, arguments.class_column});
  std::vector<std::string> patients;
  std::map<std::string, int> classes;
  for (const auto& row : rows) classes.emplace(row.at(arguments.class_column), 0);
  int number = 0;
  for (auto& [name, place] : classes) place = number++;
  std::vector<int> labels;
  for (const auto& row : rows) {
    patients.push_back(row.at(arguments.patient_column));
    labels.push_back(classes.at(row.at(arguments.class_column)));
  }
  const std::vector<learn::Split> splits = learn::split_by_patient(
      patients, labels, arguments.validation, arguments.test, arguments.seed);
  std::string csv = "path,patient_id,class,split\n";
  std::map<std::string, int> counts;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const char* const name = learn::to_string(splits[i]);
    ++counts[name];
    csv += learn::table_field(rows[i].at(arguments.path_column)) + ',' +
           learn::table_field(patients[i]) + ',' +
           learn::table_field(rows[i].at(arguments.class_column)) + ',' + name + '\n';
  }
  write_file(arguments.out, csv);
  std::string said = arguments.out;
  for (const auto& [name, count] : counts) said += "  " + name + " " + std::to_string(count);
  done(said);
  static_cast<void>(program);
}

void fetch(Program& program, const Arguments& arguments) {
  constexpr std::string_view kKaggle = "kaggle:";
  datasets::FetchOptions options;
  options.target = arguments.out;
  options.sha256 = arguments.sha256;
  for (const std::string& address : arguments.addresses) {
    if (!address.starts_with(kKaggle)) {
      options.addresses.push_back(address);
      continue;
    }
    options.addresses.insert(options.addresses.begin(),
                             datasets::kaggle_address(address.substr(kKaggle.size())));
    options.credentials = datasets::kaggle_credentials();
  }
  const Interrupt interrupt;
  WorkLine work(program.options.language, options.target.filename().string());
  const datasets::Fetched fetched = datasets::fetch(options, Progress(&work, &interrupt.flag()));
  work.clear();
  done(arguments.out + "  " + std::to_string(fetched.bytes) + "  sha256 " + fetched.sha256);
}

void browse(Program& program, const Arguments& arguments) {
  const Interrupt interrupt;
  WorkLine work(program.options.language, "browse");
  const pipeline::DataPage page =
      pipeline::browse_pictures(arguments.folder, arguments.table, program.options.intake,
                                Progress(&work, &interrupt.flag()));
  write_file(arguments.out, page.html);
  work.clear();
  done(arguments.out + "  " + std::to_string(page.pictures) + " " +
       program.say({"pictures, alike: ", "снимков, похожих групп: "}) + std::to_string(page.alike) +
       program.say({", outliers: ", ", выбросов: "}) + std::to_string(page.outliers));
}

using Shared = std::shared_ptr<Arguments>;
using Act = void (*)(Program&, const Arguments&);

CLI::App* add(CLI::App& data, Program& program, const Shared& arguments, const std::string& name,
              const Text& what, const std::vector<std::string>& examples, Act act) {
  CLI::App* command = add_command(data, program, name, what, examples);
  command->callback([&program, arguments, act] { act(program, *arguments); });
  return command;
}

void add_lock_and_verify(CLI::App& data, Program& program) {
  const auto locking = std::make_shared<Arguments>(), verifying = std::make_shared<Arguments>();
  CLI::App* command =
      add(data, program, locking, "lock",
          {"Write down every file's hash and split", "Записать хеш и выборку каждого файла"},
          {"thorax data lock pictures --splits run/splits.csv -o pictures.lock.json"}, lock);
  CLI::App* other = add(data, program, verifying, "verify",
                        {"Compare a folder with its lock file", "Сверить папку с файлом хешей"},
                        {"thorax data verify pictures --lock pictures.lock.json"}, verify);
  for (const auto& [made, arguments] : {std::pair(command, locking), std::pair(other, verifying)})
    add_option(*made, program, "folder", arguments->folder,
               {"Folder of the data", "Папка с данными"}, "DIR")
        ->required();
  add_option(*command, program, "--splits", locking->table,
             {"Table with the split of each path", "Таблица с выборкой каждого файла"}, "TABLE");
  add_option(*command, program, "--path-column", locking->path_column,
             {"Its column of paths", "Её столбец с путями"}, "COLUMN");
  add_option(*command, program, "--split-column", locking->split_column,
             {"Its column of splits", "Её столбец с выборками"}, "COLUMN");
  add_option(*command, program, "-o,--out", locking->lock, {"Lock file", "Файл хешей"}, "FILE");
  add_option(*other, program, "--lock", verifying->lock, {"Lock file", "Файл хешей"}, "FILE");
}

void add_split(CLI::App& data, Program& program) {
  const auto arguments = std::make_shared<Arguments>();
  arguments->out = "splits.csv";
  CLI::App* command = add(data, program, arguments, "split",
                          {"Split by patient, each class alike: training, validation, test",
                           "Разделить по пациентам, поровну каждый класс: обучение, валидация, "
                           "проверка"},
                          {"thorax data split labels.csv --test 0.2 -o splits.csv"}, split);
  add_option(*command, program, "table", arguments->table,
             {"CSV or XLSX of the cases", "CSV или XLSX со случаями"}, "TABLE")
      ->required();
  add_option(*command, program, "--path-column", arguments->path_column,
             {"Column of paths", "Столбец с путями"}, "COLUMN");
  add_option(*command, program, "--patient-column", arguments->patient_column,
             {"Column of patients", "Столбец с пациентами"}, "COLUMN");
  add_option(*command, program, "--class-column", arguments->class_column,
             {"Column of classes", "Столбец с классами"}, "COLUMN");
  const auto share = [&](const char* name, double& value, const Text& what) {
    add_option(*command, program, name, value, what, "0 … 0.9")->check(CLI::Range(0.0, 0.9));
  };
  share("--validation", arguments->validation,
        {"Share of the patients for validation", "Доля пациентов для валидации"});
  share("--test", arguments->test,
        {"Share of the patients for the test", "Доля пациентов для проверки"});
  add_option(*command, program, "--seed", arguments->seed, {"Seed", "Начальное число"}, "N");
  add_option(*command, program, "-o,--out", arguments->out,
             {"Table that is written", "Записываемая таблица"}, "FILE.csv");
}

void add_fetch(CLI::App& data, Program& program) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      add(data, program, arguments, "fetch",
          {"Fetch a file: goes on where it was cut short, held to its hash",
           "Скачать файл: с продолжением после обрыва и проверкой хеша"},
          {"thorax data fetch https://example.org/set.zip --sha256 HEX -o set.zip",
           "thorax data fetch kaggle:OWNER/NAME https://mirror.example.org/set.zip -o set.zip", "",
           program.say({"Kaggle: the key is read from KAGGLE_USERNAME and KAGGLE_KEY, else from "
                        "~/.kaggle/kaggle.json. Proxies: http_proxy, https_proxy, no_proxy.",
                        "Kaggle: ключ берётся из KAGGLE_USERNAME и KAGGLE_KEY, иначе из "
                        "~/.kaggle/kaggle.json. Прокси: http_proxy, https_proxy, no_proxy."})},
          fetch);
  add_option(*command, program, "addresses", arguments->addresses,
             {"Where it is, mirrors behind", "Адрес файла, за ним зеркала"}, "ADDRESS")
      ->required();
  add_option(*command, program, "--sha256", arguments->sha256,
             {"Hash that it has to have", "Хеш, который у него должен быть"}, "HEX");
  add_option(*command, program, "-o,--out", arguments->out, {"Where to", "Куда"}, "FILE")
      ->required();
}

void add_browse(CLI::App& data, Program& program) {
  const auto arguments = std::make_shared<Arguments>();
  arguments->out = "pictures.html";
  CLI::App* command =
      add(data, program, arguments, "browse",
          {"A page of thumbnails with labels; pictures that are alike, and outliers",
           "Страница миниатюр с метками; похожие снимки и выбросы"},
          {"thorax data browse pictures --table splits.csv -o pictures.html"}, browse);
  add_option(*command, program, "folder", arguments->folder,
             {"Folder or archive of pictures", "Папка или архив со снимками"}, "PATH")
      ->required();
  add_option(*command, program, "--table", arguments->table,
             {"Table with path, class and split; without one folders are classes",
              "Таблица с path, class и split; без неё классы — имена папок"},
             "TABLE");
  add_option(*command, program, "-o,--out", arguments->out,
             {"Page that is written", "Записываемая страница"}, "FILE.html");
}

}  // namespace

void add_data_command(CLI::App& app, Program& program) {
  CLI::App* data =
      add_command(app, program, "data",
                  {"Training data: fetch, lock, verify, split, browse",
                   "Данные для обучения: скачать, закрепить, проверить, разделить, просмотреть"},
                  {"thorax data --help"});
  data->require_subcommand(1);
  add_fetch(*data, program);
  add_lock_and_verify(*data, program);
  add_split(*data, program);
  add_browse(*data, program);
}

}  // namespace thorax::cli
