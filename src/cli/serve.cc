#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <thread>

#include "base/error.h"
#include "base/log.h"
#include "cli/interrupt.h"
#include "cli/program.h"
#include "cli/service_data.h"
#include "serve/service.h"

namespace thorax::cli {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  std::vector<std::string> words;
  std::string address, data;
  int port = -1;
  bool verbose = false;
};

/// web/ of a build inside the source tree, or share/thorax/web beside an installed program.
fs::path default_page(const fs::path& program) {
  for (fs::path folder = program.parent_path(); folder != folder.root_path();
       folder = folder.parent_path())
    for (const char* place : {"web/dist", "share/thorax/web"})
      if (fs::is_regular_file(folder / place / "index.html")) return folder / place;
  return {};
}

/// This program as a worker, with the settings in use.
serve::WorkerCommand worker_command(const Program& program) {
  serve::WorkerCommand command{{fs::read_symlink("/proc/self/exe").string(), "work"}};
  for (const auto& [key, value] : program.settings.changed())
    if (!key.starts_with("serve.")) command.words.emplace_back(key).append(1, '=').append(value);
  return command;
}

void run(Program& program, const Arguments& arguments) {
  using namespace std::chrono_literals;
  log::set_level(arguments.verbose ? log::Level::info : log::Level::warning);
  for (const std::string& word : apply_settings(program, arguments.words))
    program.settings.apply(word);
  serve::Options& options = program.serve;
  if (arguments.port >= 0) program.settings.set("serve.port", std::to_string(arguments.port));
  if (!arguments.address.empty()) options.address = arguments.address;
  options.models = program.options.models.folder;
  const serve::WorkerCommand command = worker_command(program);
  options.data = service_folder(program, arguments.data).string();
  if (options.page.empty()) options.page = default_page(command.words.front()).string();
  const Interrupt interrupt;
  serve::Service service(options, command);
  std::cout << program.say({"Thorax is at ", "Thorax работает по адресу "}) << service.address()
            << "\n"
            << program.say(
                   {"Studies and reports are kept in ", "Исследования и отчёты хранятся в "})
            << options.data << "\n"
            << program.say({"Research use only. Ctrl-C stops it.",
                            "Только для исследовательских целей. Остановка: Ctrl-C."})
            << std::endl;
  while (!interrupt.flag()) std::this_thread::sleep_for(50ms);
  std::cout << program.say({"Stopping …", "Остановка …"}) << std::endl;
  service.stop();
}

}  // namespace

void add_serve_command(CLI::App& app, Program& program) {
  CLI::App* command =
      add_command(app, program, "serve",
                  {"Read studies that come over HTTP, with a web page",
                   "Принимать исследования по HTTP и показывать веб-страницу"},
                  {"thorax serve", "thorax serve --port 9000 --data studies serve.workers=2",
                   "curl -F file=@study.zip http://127.0.0.1:8765/api/v1/studies"});
  auto arguments = std::make_shared<Arguments>();
  add_option(*command, program, "settings", arguments->words,
             {"Settings that differ from the default", "Параметры, отличные от умолчания"},
             "key=value");
  add_option(*command, program, "-p,--port", arguments->port, {"Port", "Порт"}, "N")
      ->check(CLI::Range(0, 65535));
  add_option(*command, program, "--address", arguments->address,
             {"Address to listen on; others than this machine's own want users and TLS",
              "Адрес для подключений; для всех, кроме локального, нужны пользователи и TLS"},
             "ADDRESS");
  add_option(
      *command, program, "--data", arguments->data,
      {"Folder of the database, uploads and reports", "Папка базы данных, загрузок и отчётов"},
      "DIR");
  add_flag(*command, program, "-v,--verbose", arguments->verbose,
           {"Log what is done", "Вести журнал работы"});
  add_settings_options(*command, program);
  command->callback([&program, arguments] { run(program, *arguments); });
}

}  // namespace thorax::cli
