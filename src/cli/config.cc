#include <iostream>
#include <memory>

#include "cli/program.h"

namespace thorax::cli {

void add_config_command(CLI::App& app, Program& program) {
  CLI::App* command =
      add_command(app, program, "config",
                  {"Print every setting with its value and meaning, as YAML",
                   "Вывести все параметры с их значениями и пояснениями в виде YAML"},
                  {"thorax config > thorax.yaml", "thorax analyze study.zip --config thorax.yaml",
                   "thorax config intake.max_entries=5000 --lang ru"});
  add_settings_options(*command, program);
  auto words = std::make_shared<std::vector<std::string>>();
  add_option(*command, program, "settings", *words,
             {"Settings that differ from the default", "Параметры, отличные от умолчания"},
             "key=value");
  command->callback([&program, words] {
    for (const std::string& word : apply_settings(program, *words)) program.settings.apply(word);
    std::cout << program.settings.to_yaml(program.options.language);
  });
}

}  // namespace thorax::cli
