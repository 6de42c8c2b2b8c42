// Everything the service keeps, into one file and back.
#include <iostream>
#include <memory>

#include "cli/service_data.h"
#include "store/backup.h"

namespace thorax::cli {
namespace {

struct Arguments : ServiceArguments {
  std::string file;
};

void say(const Program& program, const Text& what, const store::BackupSize& size) {
  std::cout << program.say(what) << size.studies << program.say({" studies, ", " исследований, "})
            << size.files << program.say({" files, ", " файлов, "}) << size.bytes
            << program.say({" bytes", " байт"}) << '\n';
}

void backup(Program& program, const Arguments& arguments) {
  const std::filesystem::path folder = arguments.folder(program);
  const store::BackupSize size = store::write_backup(folder, arguments.file);
  ServiceData(folder).record("backup", std::filesystem::path(arguments.file).filename().string());
  say(program, {"Backed up: ", "Сохранено: "}, size);
}

void restore(Program& program, const Arguments& arguments) {
  const std::filesystem::path folder = arguments.folder(program);
  const store::BackupSize size = store::restore_backup(arguments.file, folder);
  ServiceData(folder).record("restore", std::filesystem::path(arguments.file).filename().string());
  say(program, {"Restored: ", "Восстановлено: "}, size);
}

}  // namespace

void add_backup_commands(CLI::App& app, Program& program) {
  const auto arguments = std::make_shared<Arguments>();
  const auto add = [&](const std::string& name, const Text& what,
                       const std::vector<std::string>& examples,
                       void (*work)(Program&, const Arguments&)) {
    CLI::App* command = add_command(app, program, name, what, examples);
    add_option(*command, program, "file", arguments->file, {"The backup", "Файл копии"}, "FILE")
        ->required();
    add_service_options(*command, program, *arguments);
    command->callback([&program, arguments, work] { work(program, *arguments); });
  };
  add("backup",
      {"Write all the service keeps to one file; it may run meanwhile",
       "Сохранить все данные сервиса в один файл; сервис можно не останавливать"},
      {"thorax backup thorax-2026-11-21.tar"}, backup);
  add("restore",
      {"Make a new folder of the service from a backup", "Восстановить данные сервиса из копии"},
      {"thorax restore thorax-2026-11-21.tar --data restored"}, restore);
}

}  // namespace thorax::cli
